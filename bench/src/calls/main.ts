import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { median, withSpread } from '../statistics.js';
import { WorkerProcess } from '../worker-process.js';
import { type CallerOptions, type Measured, type Run, type Variant, variants } from './messages.js';

const rounds = 15;
const warmUpMs = 1_500;
const measuredMs = 2_500;

const directory = await mkdtemp(join(tmpdir(), 'rollcall-bench-'));
const registryUrl = pathToFileURL(directory).href;
const servers: WorkerProcess<object, string>[] = [];
const measured: Record<Variant, Measured[]> = { discovered: [], 'hard-coded': [], bare: [] };
try {
  for (const id of ['a', 'b', 'c']) {
    servers.push(await WorkerProcess.start(new URL('./server.js', import.meta.url), [registryUrl, id]));
  }
  const addresses = await Promise.all(servers.map((server) => server.ask({})));
  // The first round warms the servers up.
  for (let round = 0; round <= rounds; round++) {
    const turn = round % variants.length;
    for (const variant of [...variants.slice(turn), ...variants.slice(0, turn)]) {
      const result = await measure({ variant, registryUrl, addresses });
      if (round > 0) measured[variant].push(result);
    }
  }
} finally {
  for (const server of servers) server.stop();
}
await rm(directory, { recursive: true, force: true, maxRetries: 5 });
print();

/** In a process that is new in each round: how well its code happens to be compiled is then not the same in all of them. */
async function measure(options: CallerOptions): Promise<Measured> {
  const program = new URL('./caller.js', import.meta.url);
  const caller = await WorkerProcess.start<Run, Measured>(program, [JSON.stringify(options)]);
  try {
    await caller.ask({ ms: warmUpMs });
    return await caller.ask({ ms: measuredMs });
  } finally {
    caller.stop();
  }
}

function print(): void {
  const of = (variant: Variant, what: keyof Measured) => measured[variant].map((each) => each[what]);
  const ratio = (one: Variant, other: Variant, what: 'rate' | 'cpuUs') =>
    of(one, what).map((value, round) => value / of(other, what)[round]!);
  const row = (variant: Variant) =>
    `  ${variant.padEnd(12)} ${withSpread(of(variant, 'rate'), 0)} calls/s, ${withSpread(of(variant, 'cpuUs'), 1)} us of CPU a call, ` +
    `p50 ${withSpread(of(variant, 'p50Ms'), 1)} ms, p99 ${withSpread(of(variant, 'p99Ms'), 1)} ms`;
  const rate = ratio('discovered', 'hard-coded', 'rate');
  const cpu = ratio('discovered', 'hard-coded', 'cpuUs');
  const interceptors = ratio('discovered', 'bare', 'rate');
  console.log(`
3 servers, 60 calls in flight; median of ${rounds} rounds (least..most)
${variants.map(row).join('\n')}
  discovered against hard-coded: rate ${withSpread(rate, 3)}, goal 1.00: ${median(rate) >= 0.995 ? 'met' : 'MISSED'}
  discovered against hard-coded: CPU  ${withSpread(cpu, 3)}, goal 1.02: ${median(cpu) <= 1.02 ? 'met' : 'MISSED'}
  interceptors against none:     rate ${withSpread(interceptors, 3)}, goal 0.95: ${median(interceptors) >= 0.95 ? 'met' : 'MISSED'}
  interceptors against none:     CPU  ${withSpread(ratio('discovered', 'bare', 'cpuUs'), 3)}`);
}
