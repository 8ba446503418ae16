import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { median, withSpread } from '../statistics.js';
import { WorkerProcess } from '../worker-process.js';
import {
  type CallerOptions,
  callsInFlight,
  type Measurement,
  type MeasureRequest,
  type Variant,
  variants,
} from './messages.js';

const rounds = 15;
const warmUpMs = 1_500;
const measurementMs = 2_500;

const directory = await mkdtemp(join(tmpdir(), 'rollcall-bench-'));
const registryUrl = pathToFileURL(directory).href;
const servers: WorkerProcess<object, string>[] = [];
const measurements: Record<Variant, Measurement[]> = {
  discovered: [],
  'hard-coded': [],
  bare: [],
  metrics: [],
  traced: [],
};
try {
  for (const id of ['a', 'b', 'c']) {
    servers.push(await WorkerProcess.start(new URL('./server.js', import.meta.url), [registryUrl, id]));
  }
  const addresses = await Promise.all(servers.map((server) => server.request({})));
  // The first round is a warm-up of the servers.
  for (let round = 0; round <= rounds; round++) {
    const first = round % variants.length;
    for (const variant of [...variants.slice(first), ...variants.slice(0, first)]) {
      const measurement = await measure({ variant, registryUrl, addresses });
      if (round > 0) measurements[variant].push(measurement);
    }
  }
} finally {
  for (const server of servers) server.stop();
}
await rm(directory, { recursive: true, force: true, maxRetries: 5 });
print();

/** Uses a new process each time, so that the chances of JIT compilation are not the same in all rounds. */
async function measure(options: CallerOptions): Promise<Measurement> {
  const program = new URL('./caller.js', import.meta.url);
  const caller = await WorkerProcess.start<MeasureRequest, Measurement>(program, [JSON.stringify(options)]);
  try {
    await caller.request({ durationMs: warmUpMs });
    return await caller.request({ durationMs: measurementMs });
  } finally {
    caller.stop();
  }
}

function print(): void {
  const values = (variant: Variant, name: keyof Measurement) =>
    measurements[variant].map((each) => each[name]);
  const ratio = (variant: Variant, baseline: Variant, name: keyof Measurement) =>
    values(variant, name).map((value, round) => value / values(baseline, name)[round]!);
  const summary = (variant: Variant) =>
    `  ${variant.padEnd(12)} ${withSpread(values(variant, 'callsPerSecond'), 0)} calls/s, ` +
    `${withSpread(values(variant, 'cpuUsPerCall'), 1)} us of CPU a call, ` +
    `p50 ${withSpread(values(variant, 'p50Ms'), 1)} ms, p99 ${withSpread(values(variant, 'p99Ms'), 1)} ms`;
  const rate = ratio('discovered', 'hard-coded', 'callsPerSecond');
  const cpu = ratio('discovered', 'hard-coded', 'cpuUsPerCall');
  const interceptorRate = ratio('discovered', 'bare', 'callsPerSecond');
  const interceptorCpu = ratio('discovered', 'bare', 'cpuUsPerCall');
  const metricsRate = ratio('metrics', 'discovered', 'callsPerSecond');
  const metricsCpu = ratio('metrics', 'discovered', 'cpuUsPerCall');
  const tracedRate = ratio('traced', 'discovered', 'callsPerSecond');
  const tracedCpu = ratio('traced', 'discovered', 'cpuUsPerCall');
  console.log(`
3 servers, ${callsInFlight} calls in flight; median of ${rounds} rounds (least..most)
${variants.map(summary).join('\n')}
  discovered against hard-coded: rate ${withSpread(rate, 3)}, goal 1.00: ${median(rate) >= 0.995 ? 'met' : 'MISSED'}
  discovered against hard-coded: CPU  ${withSpread(cpu, 3)}, goal 1.02: ${median(cpu) <= 1.02 ? 'met' : 'MISSED'}
  interceptors against none:     rate ${withSpread(interceptorRate, 3)}, goal 0.97: ${median(interceptorRate) >= 0.97 ? 'met' : 'MISSED'}
  interceptors against none:     CPU  ${withSpread(interceptorCpu, 3)}, goal 1.03: ${median(interceptorCpu) <= 1.03 ? 'met' : 'MISSED'}
  metrics against none:          rate ${withSpread(metricsRate, 3)}, goal 0.95: ${median(metricsRate) >= 0.95 ? 'met' : 'MISSED'}
  metrics against none:          CPU  ${withSpread(metricsCpu, 3)}, goal 1.06: ${median(metricsCpu) <= 1.06 ? 'met' : 'MISSED'}
  traces against none:           rate ${withSpread(tracedRate, 3)}, CPU ${withSpread(tracedCpu, 3)}`);
}
