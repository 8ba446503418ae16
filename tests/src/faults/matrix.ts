/** What one test has to say of one fault in one registry. */
export interface Cell {
  readonly fault: string;
  readonly column: string;
  /** Of the registry, as it says itself. */
  readonly version: string;
  /** How long it took until all was right, in ms. */
  readonly tookMs?: number;
  /** What is promised of that, in ms. */
  readonly boundMs?: number;
  readonly notes: readonly string[];
}

export type Result = 'passed' | 'failed' | 'skipped' | 'pending';

export interface Tested extends Cell {
  readonly result: Result;
}

/** A row for each fault, in the order of `faults`, and a column for each registry: as a Markdown table. */
export function matrixOf(tested: readonly Tested[], order: readonly string[] = []): string {
  const columns = [...new Map(tested.map(({ column, version }) => [column, version]))];
  const faults = [...new Set([...order, ...tested.map(({ fault }) => fault)])].filter((fault) =>
    tested.some((cell) => cell.fault === fault),
  );
  const rows = faults.map((fault) => {
    const cells = columns.map(([column]) =>
      tested.find((cell) => cell.column === column && cell.fault === fault),
    );
    const boundMs = cells.find((cell) => cell?.boundMs !== undefined)?.boundMs;
    return [fault, boundMs === undefined ? '' : seconds(boundMs), ...cells.map(textOf)];
  });
  const head = ['fault', 'promised', ...columns.map(([column, version]) => `${column} ${version}`)];
  return [head, head.map(() => '---'), ...rows].map((row) => `| ${row.join(' | ')} |`).join('\n');
}

function textOf(cell: Tested | undefined): string {
  if (!cell) return '';
  const notes = cell.notes.join('; ');
  switch (cell.result) {
    case 'skipped':
      return `n/a: ${notes}`;
    case 'failed':
      return '**failed**';
    case 'pending':
      return 'not run';
    case 'passed': {
      if (cell.tookMs === undefined) return notes ? `ok; ${notes}` : 'ok';
      const late = cell.boundMs !== undefined && cell.tookMs > cell.boundMs ? ' (late)' : '';
      return [`ok ${seconds(cell.tookMs)}${late}`, ...cell.notes].join('; ');
    }
  }
}

function seconds(ms: number): string {
  return `${(ms / 1_000).toFixed(2)} s`;
}
