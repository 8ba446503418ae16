import { afterAll, beforeAll, describe, it } from 'vitest';
import type { Arena } from './arena.js';
import type { Fault } from './fault.js';
import type { Cell } from './matrix.js';
import { answers } from './rows/answers.js';
import { connections } from './rows/connections.js';
import { credentials } from './rows/credentials.js';
import { leaders } from './rows/leaders.js';
import { outages } from './rows/outages.js';
import { records } from './rows/records.js';
import { registrations } from './rows/registrations.js';
import { Trial } from './trial.js';

declare module 'vitest' {
  interface TaskMeta {
    /** What the matrix shows of a test. */
    cell?: Cell;
  }
}

/** Every row of the matrix, in its order. */
export const faults: readonly Fault[] = [
  ...outages,
  ...leaders,
  ...connections,
  ...registrations,
  ...records,
  ...credentials,
  ...answers,
];

/** One column of the matrix: every fault in one registry. `open` undefined: there is none to be had, and a line has said so. */
export function describeColumn(
  column: string,
  open: (() => Promise<Arena>) | undefined,
  rows: readonly Fault[] = faults,
): void {
  describe.skipIf(!open)(`${column}`, () => {
    let arena: Arena;
    beforeAll(async () => {
      if (open) arena = await open();
    });
    afterAll(() => arena?.close());

    it.for(rows.map((fault) => [fault.name, fault] as const))('%s', async ([, fault], { task, skip }) => {
      const boundMs = fault.boundMs?.(arena);
      const cell = { fault: fault.name, column, version: arena.version, ...(boundMs && { boundMs }) };
      const reason = fault.notFor?.[arena.kind] ?? fault.notHere?.(arena);
      task.meta.cell = { ...cell, notes: reason ? [reason] : [] };
      skip(reason !== undefined, reason);
      task.meta.cell = { ...cell, ...(await expectCured(fault, new Trial(arena))) };
    });
  });
}

async function expectCured(fault: Fault, trial: Trial): Promise<Pick<Cell, 'tookMs' | 'notes'>> {
  try {
    const tookMs = await fault.run(trial);
    return { notes: trial.notes, ...(tookMs !== undefined && { tookMs }) };
  } finally {
    await trial.end();
  }
}
