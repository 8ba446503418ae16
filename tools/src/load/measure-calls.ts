import { cpus } from 'node:os';
import { createHistogram } from 'node:perf_hooks';
import { setTimeout as sleep } from 'node:timers/promises';

export type Call = () => Promise<unknown>;

export interface MeasureCallsOptions {
  readonly seconds: number;
  /** Of each caller, between two calls, in ms. Default 0. */
  readonly pauseMs?: number;
  /** Called after a third of the time: breaks something. */
  readonly disturb?: () => Promise<unknown>;
}

export interface CallMeasurement {
  readonly perSecond: number;
  /** How many calls failed. */
  readonly failed: number;
  /** Of the calls that did not fail. */
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly maxMs: number;
  /** CPU time of all processes of the machine, in µs for each call. */
  readonly machineCpuUsPerCall: number;
}

/**
 * Lets each caller make calls, one after the other, and measures them.
 * @throws {RangeError} when `seconds` is not a positive number.
 */
export async function measureCalls(
  callers: readonly Call[],
  { seconds, pauseMs = 0, disturb }: MeasureCallsOptions,
): Promise<CallMeasurement> {
  if (!(seconds > 0)) throw new RangeError(`invalid seconds ${seconds}: use a positive number`);
  const latencyUs = createHistogram();
  const cpuMsBefore = machineCpuMs();
  const startedAt = performance.now();
  let calls = 0;
  let failed = 0;
  const work = async (call: Call) => {
    for (let now = startedAt; now < startedAt + seconds * 1_000; now = performance.now()) {
      calls += 1;
      const calledAt = performance.now();
      try {
        await call();
        latencyUs.record(Math.max(1, Math.round((performance.now() - calledAt) * 1_000)));
      } catch {
        failed += 1;
      }
      if (pauseMs > 0) await sleep(pauseMs);
    }
  };
  const disturbing = disturb && sleep((seconds * 1_000) / 3).then(disturb);
  await Promise.all([...callers.map(work), disturbing]);
  return {
    perSecond: (calls / (performance.now() - startedAt)) * 1_000,
    failed,
    p50Ms: latencyUs.percentile(50) / 1_000,
    p99Ms: latencyUs.percentile(99) / 1_000,
    maxMs: latencyUs.max / 1_000,
    machineCpuUsPerCall: ((machineCpuMs() - cpuMsBefore) * 1_000) / calls,
  };
}

function machineCpuMs(): number {
  return cpus().reduce((sum, { times }) => sum + times.user + times.sys + times.nice + times.irq, 0);
}
