import type { TrackedProcess } from '../processes/tracked-process.js';
import { type Call, measureCalls } from './measure-calls.js';

export type { Call } from './measure-calls.js';

/** Text by name. */
export type CallReport = Readonly<Record<string, string>>;

export interface ReportCallsOptions {
  /** How long each measurement takes. */
  readonly seconds: number;
  /** Processes that are killed, one after the other, by name. */
  readonly kills?: Readonly<Record<string, TrackedProcess>>;
}

/** Pause of each caller where latency is measured, in ms: without queues. */
const pauseMs = 50;

/**
 * Measures calls, those of each caller one after the other, after a time to warm up, and what kills cost: how many calls fail, and
 * how long the slowest of the others takes.
 */
export async function reportCalls(
  idempotent: readonly Call[],
  notIdempotent: readonly Call[],
  { seconds, kills = {} }: ReportCallsOptions,
): Promise<CallReport> {
  const all = [...idempotent, ...notIdempotent];
  await measureCalls(all, { seconds });
  const fast = await measureCalls(all, { seconds });
  const paced = await measureCalls(all, { seconds, pauseMs });
  const report: Record<string, string> = {
    'calls a second': fast.perSecond.toFixed(0),
    'CPU of the machine for a call': `${fast.machineCpuUsPerCall.toFixed(0)} µs`,
    'p50, p99 with a pause of 50 ms': `${paced.p50Ms.toFixed(1)}, ${paced.p99Ms.toFixed(1)} ms`,
  };
  for (const [name, victim] of Object.entries(kills)) {
    const [retried, others] = await Promise.all([
      measureCalls(idempotent, { seconds, disturb: () => victim.kill() }),
      measureCalls(notIdempotent, { seconds }),
    ]);
    report[`${name} is killed: failed calls, idempotent`] = String(retried.failed);
    report[`${name} is killed: failed calls, other`] = String(others.failed);
    report[`${name} is killed: slowest call`] = `${Math.max(retried.maxMs, others.maxMs).toFixed(0)} ms`;
  }
  return report;
}

/** A table with a column for each report; the first one has all names. */
export function sideBySide(reports: readonly CallReport[]): string {
  const rows = Object.keys(reports[0] ?? {}).map((name) => [
    name,
    ...reports.map((each) => each[name] ?? '-'),
  ]);
  return rows
    .map((cells) =>
      cells
        .map((cell) => cell.padEnd(46))
        .join('')
        .trimEnd(),
    )
    .join('\n');
}
