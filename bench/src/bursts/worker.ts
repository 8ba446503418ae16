/** Observes or writes bursts, in a process of its own: `node worker.js [etcd URL]`. */
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { setTimeout as sleep } from 'node:timers/promises';
import { until } from '@rollcall/tools';
import { serveRequests } from '../worker-process.js';
import type { BenchRegistry, Observation } from './bench-registry.js';
import { etcdRegistry } from './etcd-registry.js';
import { memoryRegistry } from './memory-registry.js';
import type { Cost, Request } from './messages.js';

/** The time between two writes of a burst, in ms. */
const writeEveryMs = 10;

const url = process.argv[2];
const registry: BenchRegistry = await (url === undefined ? memoryRegistry() : etcdRegistry(url));
const eventLoopDelay = monitorEventLoopDelay({ resolution: 1 });
let observation: Observation | undefined;
let cpu = process.cpuUsage();

serveRequests(async (request: Request): Promise<Cost | object> => {
  switch (request.type) {
    case 'observe':
      await observation?.close();
      observation = await registry[request.observer](request.service);
      eventLoopDelay.enable();
      eventLoopDelay.reset();
      cpu = process.cpuUsage();
      return {};
    case 'burst':
      await writeBurst(request);
      return {};
    case 'report':
      return report(request.instances);
  }
});

async function writeBurst({ service, instances, overMs }: Request & { type: 'burst' }): Promise<void> {
  const steps = Math.round(overMs / writeEveryMs);
  const startedAt = performance.now();
  let written = 0;
  for (let step = 1; step <= steps; step++) {
    const from = written;
    written = Math.round((step * instances) / steps);
    await registry.register(service, from, written);
    await sleep(Math.max(0, startedAt + step * writeEveryMs - performance.now()));
  }
}

async function report(expected: number): Promise<Cost> {
  const { instances, notifications } = observation!;
  await until(() => instances() === expected, {
    deadlineMs: 20_000,
    describe: () => `${expected} instances, not ${instances()}`,
  });
  const { user, system } = process.cpuUsage(cpu);
  return {
    cpuMs: (user + system) / 1_000,
    eventLoopDelayMs: eventLoopDelay.max / 1e6,
    notifications: notifications(),
  };
}
