import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Arena } from '../faults/arena.js';
import type { CallCell } from './report.js';
import { failures } from './rows/failures.js';
import { kills } from './rows/kills.js';
import { leaving } from './rows/leaving.js';
import { outages } from './rows/outages.js';
import { swaps } from './rows/swaps.js';
import { Trial } from './trial.js';

declare module 'vitest' {
  interface TaskMeta {
    /** What the table of calls shows of a test. */
    calls?: CallCell;
  }
}

const rows = [...kills, ...leaving, ...outages, ...swaps, ...failures];

/** One column of the table: every row on one registry. `open` undefined: there is none to be had, and a line has said so. */
export function describeCalls(column: string, open: (() => Promise<Arena>) | undefined): void {
  describe.skipIf(!open)(`calls on ${column}`, () => {
    let arena: Arena;
    beforeAll(async () => {
      if (open) arena = await open();
    });
    afterAll(() => arena?.close());

    it.for(rows.map((row) => [row.event, row] as const))('%s', async ([, row], { task }) => {
      const trial = new Trial(arena);
      try {
        await row.run(trial);
        expect(trial.findings.failures).toEqual({});
      } finally {
        const { event, promise } = row;
        const notes = trial.findings.words;
        task.meta.calls = { event, promise, column, version: arena.version, notes };
        await trial.close();
      }
    });
  });
}
