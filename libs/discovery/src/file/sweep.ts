import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { DiscoveryError } from '../model/errors.js';
import type { CheckedFileOptions } from './options.js';
import { life } from './owner.js';
import { serviceOf } from './record.js';
import { isTemporary, readContent, removeRecord } from './record-file.js';
import { ageMs, stampOf } from './stamp.js';

/** Half a record, left by a process that died while it wrote. */
const temporaryIsAbandonedAfterMs = 60_000;
/** A record of an owner whose pid we cannot see: he may be frozen only, or his clock may differ. */
const unseenIsAbandonedAfterMs = 24 * 3_600_000;

/**
 * Removes what processes left behind that died, and nothing else: their records `staleAfterMs` after the last
 * heartbeat. Looks at the files `names`. Never throws: who may not write leaves it to those who may.
 */
export async function sweep(
  { directory, staleAfterMs }: CheckedFileOptions,
  names: readonly string[],
  signal?: AbortSignal,
): Promise<void> {
  for (const name of names) {
    if (signal?.aborted) return;
    const path = join(directory, name);
    if (isTemporary(name)) await sweepTemporary(path).catch(() => {});
    else if (serviceOf(name) !== undefined) await sweepRecord(path, staleAfterMs).catch(() => {});
  }
}

/** Sweeps the whole directory, once in each `staleAfterMs` at most. */
export class Sweeper {
  readonly #options: CheckedFileOptions;
  #sweptAt = -Infinity;

  constructor(options: CheckedFileOptions) {
    this.#options = options;
  }

  async sweepAll(signal: AbortSignal): Promise<void> {
    if (performance.now() - this.#sweptAt < this.#options.staleAfterMs) return;
    this.#sweptAt = performance.now();
    await sweep(this.#options, await readdir(this.#options.directory).catch(() => []), signal);
  }
}

async function sweepTemporary(path: string): Promise<void> {
  const stamp = await stampOf(path);
  if (stamp && ageMs(stamp) > temporaryIsAbandonedAfterMs) await rm(path, { force: true });
}

async function sweepRecord(path: string, staleAfterMs: number): Promise<void> {
  const stamp = await stampOf(path);
  if (!stamp || ageMs(stamp) <= staleAfterMs) return;
  const content = await readContent(path, stamp);
  if (content instanceof DiscoveryError || !content.owner) return;
  const fate = life(content.owner);
  if (fate === 'alive' || (fate === 'unknown' && ageMs(stamp) <= unseenIsAbandonedAfterMs)) return;
  await removeRecord(path, stamp);
}
