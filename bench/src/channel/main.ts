import { until } from '@rollcall/tools';
import { median, withSpread } from '../statistics.js';
import { WorkerProcess } from '../worker-process.js';
import {
  type Change,
  changes,
  type ClientOptions,
  type Measure,
  type PickCost,
  policies,
  type Policy,
  type Request,
} from './messages.js';
import type { ServerState } from './server.js';

const sizes = [10, 300, 1_000] as const;
const rounds = 15;
/** The first changes are slower: their code is not compiled yet. */
const warmUpRounds = 10;
const goals = { cpuRatio: 2, eventLoopDelayMs: 5, pickNs: { 10: 500, 300: 500, 1_000: 1_000 } };

type Costs = Record<Measure, Record<Change, number[]>> & { readonly pick: PickCost };

/** Those in the arguments, or all. */
const measured = process.argv.length > 2 ? policies.filter((name) => process.argv.includes(name)) : policies;

const server = await WorkerProcess.start<object, ServerState>(new URL('./server.js', import.meta.url));
try {
  const { port } = await server.request({});
  for (const policy of measured) {
    const costs = new Map<number, Costs>();
    for (const endpoints of sizes) costs.set(endpoints, await measure({ policy, endpoints, port }));
    print(policy, costs);
  }
} finally {
  server.stop();
}

async function measure(options: ClientOptions): Promise<Costs> {
  const program = new URL('./client.js', import.meta.url);
  const client = await WorkerProcess.start<Request, unknown>(program, [JSON.stringify(options)]);
  try {
    let state = await server.request({});
    await until(
      async () => {
        state = await server.request({});
        return state.connections === options.endpoints;
      },
      { deadlineMs: 30_000, describe: () => `${options.endpoints} connections, not ${state.connections}` },
    );
    const empty = (): Record<Change, number[]> => ({ none: [], join: [], leave: [] });
    const costs = { cpu: empty(), delay: empty() };
    for (let round = -warmUpRounds; round < rounds; round++) {
      for (const kind of ['cpu', 'delay'] as const) {
        for (const change of changes) {
          const cost = (await client.request({ type: 'change', change, measure: kind })) as number;
          if (round >= 0) costs[kind][change].push(cost);
        }
      }
    }
    const pick = (await client.request({ type: 'picks' })) as PickCost;
    return { ...costs, pick };
  } finally {
    client.stop();
    await until(async () => (await server.request({})).connections === 0, {
      deadlineMs: 30_000,
      describe: () => 'the connections of a client that has exited stay open',
    });
  }
}

/** What a change costs beyond the same time without one. */
function cpuMs({ cpu }: Costs, change: Change): number[] {
  const idle = median(cpu.none);
  return cpu[change].map((ms) => ms - idle);
}

function print(policy: Policy, costs: ReadonlyMap<number, Costs>): void {
  console.log(`
${policy}: one instance joins or leaves; median of ${rounds} changes (least..most)`);
  for (const [endpoints, each] of costs) {
    const pickGoal = goals.pickNs[endpoints as keyof typeof goals.pickNs];
    console.log(
      `  ${String(endpoints).padStart(5)} endpoints: ` +
        `join ${withSpread(cpuMs(each, 'join'), 2)} ms of CPU, leave ${withSpread(cpuMs(each, 'leave'), 2)}; ` +
        `longest turn join ${withSpread(each.delay.join, 1)} ms, leave ${withSpread(each.delay.leave, 1)}, none ${withSpread(each.delay.none, 1)}; ` +
        `pick ${each.pick.ns.toFixed(0)} ns, goal ${pickGoal}: ${verdict(each.pick.ns, pickGoal)}, ${each.pick.bytes.toFixed(0)} bytes`,
    );
  }
  const [smallest, largest] = [costs.get(sizes[0])!, costs.get(sizes[2])!];
  for (const change of ['join', 'leave'] as const) {
    const ratio = median(cpuMs(largest, change)) / median(cpuMs(smallest, change));
    const delay = median(largest.delay[change]);
    console.log(
      `  ${change}: CPU at ${sizes[2]} against ${sizes[0]} ${ratio.toFixed(2)}, goal ${goals.cpuRatio}: ${verdict(ratio, goals.cpuRatio)}; ` +
        `event-loop delay at ${sizes[2]} ${delay.toFixed(1)} ms, goal ${goals.eventLoopDelayMs}: ${verdict(delay, goals.eventLoopDelayMs)}`,
    );
  }
}

function verdict(value: number, goal: number): string {
  return value <= goal ? 'met' : 'MISSED';
}
