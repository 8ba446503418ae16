import { startRegistry } from '@rollcall/tools';
import { median, withSpread } from '../statistics.js';
import { WorkerProcess } from '../worker-process.js';
import type { BenchInstance, RecordWriter } from './bench-registry.js';
import { openConsulWriter } from './consul.js';
import { openEtcdWriter } from './etcd.js';
import {
  type Cost,
  type Heap,
  type Observer,
  observers,
  type Request,
  type Scope,
  service,
} from './messages.js';

const instances = 10_000;
const instancesAService = 10;
const rounds = { list: 9, changes: 5 };
const goals = { listRatio: 1.5, changeMs: 1, bytes: 1_000 };

const registries = [
  { kind: 'etcd', openWriter: openEtcdWriter, changesARound: 30 },
  // One response has all instances: 12 MB.
  { kind: 'consul', openWriter: openConsulWriter, changesARound: 6 },
] as const;

interface Costs {
  readonly list: Cost[];
  /** Of one change. */
  readonly change: Cost[];
  readonly heap: Heap[];
}

const [kinds, scopes] = [new Set(process.argv.slice(2)), ['service', 'catalogue'] as const];
for (const { kind, openWriter, changesARound } of registries) {
  if (kinds.size > 0 && !kinds.has(kind)) continue;
  for (const scope of scopes) {
    const server = await startRegistry(kind);
    try {
      const writer = await openWriter(server.url);
      await writer.write(Array.from({ length: instances }, (_, number) => instanceOf(scope, number)));
      print(kind, scope, await measure(server.url, scope, writer, changesARound));
      await writer.close();
    } finally {
      await server.stop();
    }
  }
}

function instanceOf(scope: Scope, number: number): BenchInstance {
  const name = scope === 'service' ? service : `service-${100 + Math.floor(number / instancesAService)}`;
  return { service: name, number, weight: 1 };
}

/** The control and the library in turn. The first round is a warm-up. */
async function measure(
  url: string,
  scope: Scope,
  writer: RecordWriter,
  changesARound: number,
): Promise<Record<Observer, Costs>> {
  const start = (observer: Observer) =>
    WorkerProcess.start<Request, Cost & Heap>(new URL('./worker.js', import.meta.url), [
      JSON.stringify({ url, observer, scope }),
    ]);
  const workers = { control: await start('control'), watch: await start('watch') };
  const costs = {
    control: { list: [], change: [], heap: [] } as Costs,
    watch: { list: [], change: [], heap: [] } as Costs,
  };
  try {
    for (let round = 0; round <= Math.max(rounds.list, rounds.changes); round++) {
      for (const observer of round % 2 === 0 ? observers : observers.toReversed()) {
        const [worker, cost] = [workers[observer], costs[observer]];
        const list = await worker.request({ type: 'list', instances });
        if (round > 0) cost.list.push(list);
        if (round > rounds.changes) continue;
        const heap = await worker.request({ type: 'watch', instances });
        const { ms, cpuMs } = await makeChanges(writer, worker, scope, changesARound);
        await worker.request({ type: 'close' });
        if (round === 0) continue;
        cost.heap.push(heap);
        cost.change.push({ ms: ms / changesARound, cpuMs: cpuMs / changesARound });
      }
    }
  } finally {
    for (const worker of [workers.control, workers.watch]) worker.stop();
  }
  return costs;
}

/** An instance joins, changes and leaves, again and again, each change once the one before was seen. */
async function makeChanges(
  writer: RecordWriter,
  worker: WorkerProcess<Request, Cost & Heap>,
  scope: Scope,
  changes: number,
): Promise<Cost> {
  let cost: Cost = { ms: 0, cpuMs: 0 };
  for (let change = 1; change <= changes; change++) {
    // Somewhere in the list, not at its end.
    const neighbour = instanceOf(scope, (Math.floor((change - 1) / 3) * 3_571) % instances);
    const instance = { ...neighbour, number: neighbour.number + instances };
    if (change % 3 === 1) await writer.write([instance]);
    else if (change % 3 === 2) await writer.write([{ ...instance, weight: 2 }]);
    else await writer.delete(instance);
    cost = await worker.request({ type: 'changes', changes: change });
  }
  return cost;
}

function print(kind: string, scope: Scope, { control, watch }: Record<Observer, Costs>): void {
  const what =
    scope === 'service'
      ? `one service of ${instances} instances`
      : `${instances / instancesAService} services of ${instancesAService} instances`;
  const values = (of: readonly Cost[], name: keyof Cost) => of.map((cost) => cost[name]);
  const ratio = (name: keyof Cost) =>
    watch.list.map((cost, round) => cost[name] / control.list[round]![name]);
  const above = watch.change.map(({ cpuMs }, round) => cpuMs - control.change[round]!.cpuMs);
  const bytes = watch.heap.map((heap) => heap.bytes / instances);
  console.log(`
${kind}, ${what}; median of ${rounds.list} lists and of ${rounds.changes} rounds of changes (least..most)
  first list, time      ${withSpread(values(watch.list, 'ms'), 0)} ms, raw ${withSpread(values(control.list, 'ms'), 0)} ms
    ratio               ${withSpread(ratio('ms'), 2)}, goal ${goals.listRatio}: ${verdict(median(ratio('ms')), goals.listRatio)}
  first list, CPU       ${withSpread(values(watch.list, 'cpuMs'), 0)} ms, raw ${withSpread(values(control.list, 'cpuMs'), 0)} ms
    ratio               ${withSpread(ratio('cpuMs'), 2)}, goal ${goals.listRatio}: ${verdict(median(ratio('cpuMs')), goals.listRatio)}
  one change, CPU       ${withSpread(values(watch.change, 'cpuMs'), 2)} ms, raw ${withSpread(values(control.change, 'cpuMs'), 2)} ms
    above the raw watch ${withSpread(above, 2)} ms, goal ${goals.changeMs}: ${verdict(median(above), goals.changeMs)}
  memory an instance    ${withSpread(bytes, 0)} bytes, goal ${goals.bytes}: ${verdict(median(bytes), goals.bytes)}`);
}

function verdict(value: number, goal: number): string {
  return value <= goal ? 'met' : 'MISSED';
}
