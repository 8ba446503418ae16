import type { KillReport } from '../load/failover-tracker.js';
import type { LoadReport } from '../load/load-generator.js';

/** The content of the `--json` file. Times in ms, kills in order. */
export interface DemoReport {
  readonly registry: string;
  readonly seconds: number;
  readonly requests: number;
  readonly failed: number;
  readonly errors: Readonly<Record<string, number>>;
  readonly latencyMs: LoadReport['latencyMs'];
  readonly kills: readonly KillReport[];
}

export function renderReport(report: DemoReport): string {
  const { requests, seconds, failed, errors, latencyMs, kills } = report;
  const totals = [
    ['requests', `${formatCount(requests)} in ${seconds} s, ${formatCount(requests / seconds)}/s`],
    ['failed', formatCount(failed)],
    ...Object.entries(errors).map(([reason, count]) => ['', `${formatCount(count)} x ${reason}`]),
    [
      'latency',
      `p50 ${formatMs(latencyMs.p50)}, p99 ${formatMs(latencyMs.p99)}, max ${formatMs(latencyMs.max)}`,
    ],
  ];
  const rows = kills.map((kill) => [
    kill.instance,
    `${(kill.atMs / 1000).toFixed(1)} s`,
    formatMs(kill.gapMs),
    formatMs(kill.lastCallMs),
    formatMs(kill.replacementFirstCallMs),
  ]);
  return [
    ...table(totals, ['left', 'left']),
    '',
    ...(rows.length === 0
      ? ['no instance was killed']
      : table(
          [['killed', 'at', 'longest gap', 'last call', 'first call of replacement'], ...rows],
          ['left', 'right', 'right', 'right', 'right'],
        )),
  ]
    .map((line) => `  ${line}`.trimEnd())
    .join('\n');
}

/** A whole number with thousands separators. */
export function formatCount(number: number): string {
  return Math.round(number).toLocaleString('en-US');
}

function formatMs(value: number | null): string {
  if (value === null) return 'none';
  return `${Math.abs(value) < 100 ? value.toFixed(1) : formatCount(value)} ms`;
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
