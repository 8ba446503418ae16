import { monitorEventLoopDelay } from 'node:perf_hooks';
import { setTimeout as sleep } from 'node:timers/promises';
import { until } from '@rollcall/tools';
import { etcdSource } from './etcd-source.js';
import { memorySource } from './memory-source.js';
import type { Cost, Request } from './messages.js';
import type { Sight, Source } from './source.js';

/** How often records are written during a burst, in ms. */
const writeEveryMs = 10;

const url = process.argv[2];
const source: Source = await (url === undefined ? memorySource() : etcdSource(url));
const delay = monitorEventLoopDelay({ resolution: 1 });
let sight: Sight | undefined;
let cpu = process.cpuUsage();

process.on('message', (request: Request) => {
  answer(request).then(
    (reply) => process.send?.(reply ?? {}),
    (error: unknown) => {
      console.error(error);
      process.exit(1);
    },
  );
});
process.on('disconnect', () => process.exit());
process.send?.({});

async function answer(request: Request): Promise<Cost | void> {
  if (request.what === 'look') {
    await sight?.close();
    sight = await source[request.how](request.service);
    delay.enable();
    delay.reset();
    cpu = process.cpuUsage();
  } else if (request.what === 'burst') {
    const steps = Math.round(request.overMs / writeEveryMs);
    const startedAt = performance.now();
    for (let step = 0; step < steps; step++) {
      const [from, to] = [step, step + 1].map((it) => Math.round((it * request.instances) / steps)) as [
        number,
        number,
      ];
      await source.register(request.service, from, to);
      await sleep(Math.max(0, startedAt + (step + 1) * writeEveryMs - performance.now()));
    }
  } else {
    const { seen, told } = sight!;
    await until(() => seen() === request.instances, {
      deadlineMs: 20_000,
      describe: () => `${request.instances} instances in sight, not ${seen()}`,
    });
    const { user, system } = process.cpuUsage(cpu);
    return { cpuMs: (user + system) / 1_000, delayMs: delay.max / 1e6, told: told() };
  }
}
