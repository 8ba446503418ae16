import { startRegistry } from '@rollcall/tools';
import { median, withSpread } from '../statistics.js';
import { WorkerProcess } from '../worker-process.js';
import type { Cost, ObserverKind, Request } from './messages.js';

const instances = 1_000;
const overMs = 1_000;
const rounds = 15;
const goals = { cpuRatio: 1.5, eventLoopDelayMs: 50 };

type Costs = Record<ObserverKind, Cost[]>;

const etcd = await startRegistry('etcd');
try {
  print('etcd', await measure(etcd.url), 'a bare watcher of the etcd3 package');
} finally {
  await etcd.stop();
}
print('memory', await measure(), 'a reader of every set; both include the cost of writing');

/** The control and the library observe the same burst in turn. The first round is a warm-up. */
async function measure(url?: string): Promise<Costs> {
  const start = () =>
    WorkerProcess.start<Request, Cost>(
      new URL('./worker.js', import.meta.url),
      url === undefined ? [] : [url],
    );
  const observers = { control: await start(), watch: await start() };
  const writer = url === undefined ? undefined : await start();
  const costs: Costs = { control: [], watch: [] };
  try {
    for (let round = 0; round <= rounds; round++) {
      const order: ObserverKind[] = round % 2 === 0 ? ['control', 'watch'] : ['watch', 'control'];
      for (const observer of order) {
        const service = `burst-${observer}-${round}`;
        const worker = observers[observer];
        await worker.request({ type: 'observe', observer, service });
        await (writer ?? worker).request({ type: 'burst', service, instances, overMs });
        const cost = await worker.request({ type: 'report', instances });
        if (round > 0) costs[observer].push(cost);
      }
    }
  } finally {
    for (const worker of [observers.control, observers.watch, writer]) worker?.stop();
  }
  return costs;
}

function print(registry: string, { control, watch }: Costs, controlDescription: string): void {
  const cpuRatio = watch.map(({ cpuMs }, round) => cpuMs / control[round]!.cpuMs);
  const values = (costs: readonly Cost[], name: keyof Cost) => costs.map((cost) => cost[name]);
  const delay = values(watch, 'eventLoopDelayMs');
  console.log(`
${registry}: ${instances} instances registered within ${overMs} ms; median of ${rounds} rounds (least..most)
  CPU, control       ${withSpread(values(control, 'cpuMs'), 0)} ms: ${controlDescription}
  CPU, watch         ${withSpread(values(watch, 'cpuMs'), 0)} ms
  ratio              ${withSpread(cpuRatio, 2)}, goal ${goals.cpuRatio}: ${verdict(median(cpuRatio), goals.cpuRatio)}
  event-loop delay   ${withSpread(delay, 0)} ms, control ${withSpread(values(control, 'eventLoopDelayMs'), 0)} ms, goal ${goals.eventLoopDelayMs}: ${verdict(median(delay), goals.eventLoopDelayMs)}
  notifications      ${withSpread(values(watch, 'notifications'), 0)}`);
}

function verdict(value: number, goal: number): string {
  return value <= goal ? 'met' : 'MISSED';
}
