import { startRegistry } from '@rollcall/tools';
import { median, withSpread } from '../statistics.js';
import { WorkerProcess } from '../worker-process.js';
import type { Cost, How, Request } from './messages.js';

const instances = 1_000;
const overMs = 1_000;
const rounds = 15;
const goals = { ratio: 1.5, delayMs: 50 };

type Costs = Record<How, Cost[]>;

const etcd = await startRegistry('etcd');
try {
  print('etcd', await measure(etcd.url), 'a bare watcher of the etcd3 package');
} finally {
  await etcd.stop();
}
print('memory', await measure(), 'a reader of every set; the cost of writing is in both');

/** The same burst for the control and for the library in turn, after one of each that does not count. */
async function measure(url?: string): Promise<Costs> {
  const start = () =>
    WorkerProcess.start<Request, Cost>(
      new URL('./worker.js', import.meta.url),
      url === undefined ? [] : [url],
    );
  const lookers = { count: await start(), watch: await start() };
  const writer = url === undefined ? undefined : await start();
  const costs: Costs = { count: [], watch: [] };
  try {
    for (let round = 0; round <= rounds; round++) {
      const order: How[] = round % 2 === 0 ? ['count', 'watch'] : ['watch', 'count'];
      for (const how of order) {
        const service = `burst-${how}-${round}`;
        await lookers[how].ask({ what: 'look', how, service });
        await (writer ?? lookers[how]).ask({ what: 'burst', service, instances, overMs });
        const cost = await lookers[how].ask({ what: 'report', instances });
        if (round > 0) costs[how].push(cost);
      }
    }
  } finally {
    for (const worker of [lookers.count, lookers.watch, writer]) worker?.stop();
  }
  return costs;
}

function print(source: string, { count, watch }: Costs, control: string): void {
  const ratio = watch.map(({ cpuMs }, round) => cpuMs / count[round]!.cpuMs);
  console.log(`
${source}: ${instances} instances registered within ${overMs} ms; median of ${rounds} rounds (least..most)
  CPU, control       ${withSpread(of(count, 'cpuMs'), 0)} ms: ${control}
  CPU, watch         ${withSpread(of(watch, 'cpuMs'), 0)} ms
  ratio              ${withSpread(ratio, 2)}, goal ${goals.ratio}: ${verdict(median(ratio), goals.ratio)}
  event-loop delay   ${withSpread(of(watch, 'delayMs'), 0)} ms, control ${withSpread(of(count, 'delayMs'), 0)} ms, goal ${goals.delayMs}: ${verdict(median(of(watch, 'delayMs')), goals.delayMs)}
  listeners told     ${withSpread(of(watch, 'told'), 0)} times`);
}

function of(costs: readonly Cost[], what: keyof Cost): number[] {
  return costs.map((cost) => cost[what]);
}

function verdict(value: number, goal: number): string {
  return value <= goal ? 'met' : 'MISSED';
}
