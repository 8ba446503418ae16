import type { KillReport } from '../load/failover.js';
import type { LoadReport } from '../load/load.js';

/** What `--json` writes. Times in ms, kills in the order they happened. */
export interface DemoReport {
  readonly registry: string;
  readonly seconds: number;
  readonly requests: number;
  readonly failed: number;
  readonly errors: Readonly<Record<string, number>>;
  readonly latencyMs: LoadReport['latencyMs'];
  readonly kills: readonly KillReport[];
}

/** The report as it is printed at the end. */
export function renderReport(report: DemoReport): string {
  const { requests, seconds, failed, errors, latencyMs, kills } = report;
  const totals = [
    ['requests', `${count(requests)} in ${seconds} s, ${count(requests / seconds)} a second`],
    ['failed', count(failed)],
    ...Object.entries(errors).map(([reason, times]) => ['', `${count(times)} x ${reason}`]),
    [
      'latency',
      `median ${ms(latencyMs.p50)}, 99 % within ${ms(latencyMs.p99)}, longest ${ms(latencyMs.max)}`,
    ],
  ];
  const rows = kills.map((kill) => [
    kill.instance,
    `${(kill.atMs / 1000).toFixed(1)} s`,
    ms(kill.gapMs),
    ms(kill.lastCallMs),
    ms(kill.replacementFirstCallMs),
  ]);
  return [
    ...table(totals, ['left', 'left']),
    '',
    ...(rows.length === 0
      ? ['nothing was killed']
      : table(
          [['killed', 'at', 'longest gap', 'its last call', 'first call of the new one'], ...rows],
          ['left', 'right', 'right', 'right', 'right'],
        )),
  ]
    .map((line) => `  ${line}`.trimEnd())
    .join('\n');
}

/** A whole number with its thousands apart. */
export function count(number: number): string {
  return Math.round(number).toLocaleString('en-US');
}

/** Three digits are enough to compare. */
function ms(value: number | null): string {
  if (value === null) return 'none';
  return `${Math.abs(value) < 100 ? value.toFixed(1) : count(value)} ms`;
}

function table(rows: readonly (readonly string[])[], align: readonly ('left' | 'right')[]): string[] {
  const widths = align.map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  return rows.map((row) =>
    row
      .map((cell, column) => {
        const width = widths[column] ?? 0;
        return align[column] === 'right' ? cell.padStart(width) : cell.padEnd(width);
      })
      .join('   '),
  );
}
