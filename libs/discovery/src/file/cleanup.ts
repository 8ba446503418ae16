import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { DiscoveryError } from '../model/errors.js';
import type { FileSettings } from './options.js';
import { processState } from './owner.js';
import { serviceOf } from './record.js';
import { isTemporary, readContent, removeRecord } from './record-file.js';
import { ageMs, stampOf } from './file-stamp.js';

/** Age of a temporary file whose writer must have died, in ms. */
const temporaryExpiresAfterMs = 60_000;
/** The same for a record whose owner's pid is not visible: the owner may be frozen, or its clock may differ. */
const unknownExpiresAfterMs = 24 * 3_600_000;

/**
 * Removes, among the files `names`, what dead processes have left: temporary files, and records `staleAfterMs` after the last
 * heartbeat. Never throws; without write permission it removes nothing.
 */
export async function removeExpired(
  { directory, staleAfterMs }: FileSettings,
  names: readonly string[],
  signal?: AbortSignal,
): Promise<void> {
  for (const name of names) {
    if (signal?.aborted) return;
    const path = join(directory, name);
    if (isTemporary(name)) await removeTemporary(path).catch(() => {});
    else if (serviceOf(name) !== undefined) await removeExpiredRecord(path, staleAfterMs).catch(() => {});
  }
}

/** Removes expired files of the whole directory, at most once every `staleAfterMs`. */
export class Cleanup {
  readonly #options: FileSettings;
  #ranAt = -Infinity;

  constructor(options: FileSettings) {
    this.#options = options;
  }

  async run(signal: AbortSignal): Promise<void> {
    if (performance.now() - this.#ranAt < this.#options.staleAfterMs) return;
    this.#ranAt = performance.now();
    await removeExpired(this.#options, await readdir(this.#options.directory).catch(() => []), signal);
  }
}

async function removeTemporary(path: string): Promise<void> {
  const stamp = await stampOf(path);
  if (stamp && ageMs(stamp) > temporaryExpiresAfterMs) await rm(path, { force: true });
}

async function removeExpiredRecord(path: string, staleAfterMs: number): Promise<void> {
  const stamp = await stampOf(path);
  if (!stamp || ageMs(stamp) <= staleAfterMs) return;
  const content = await readContent(path, stamp);
  if (content instanceof DiscoveryError || !content.owner) return;
  const state = processState(content.owner);
  if (state === 'alive' || (state === 'unknown' && ageMs(stamp) <= unknownExpiresAfterMs)) return;
  await removeRecord(path, stamp);
}
