import type { BigIntStats } from 'node:fs';
import { stat } from 'node:fs/promises';

/** By what one tells, without reading it, that a file is another one, or was written to, or touched. */
export interface Stamp {
  /** The file itself: a later one can be given the same inode, so it says when the file was made, too. */
  readonly identity: string;
  readonly size: number;
  readonly modifiedNs: bigint;
  readonly isFile: boolean;
}

/** The stamp of a file or a directory; undefined when there is none. */
export async function stampOf(path: string): Promise<Stamp | undefined> {
  let stats: BigIntStats;
  try {
    stats = await stat(path, { bigint: true });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
  return {
    identity: `${stats.dev} ${stats.ino} ${stats.birthtimeNs}`,
    size: Number(stats.size),
    modifiedNs: stats.mtimeNs,
    isFile: stats.isFile(),
  };
}

/** Whether it is the same file, with the same content unless somebody wrote into it. It may have been touched. */
export function sameFile(a: Stamp, b: Stamp): boolean {
  return a.identity === b.identity && a.size === b.size;
}

export function sameStamp(a: Stamp, b: Stamp): boolean {
  return sameFile(a, b) && a.modifiedNs === b.modifiedNs;
}

/** How long ago it was modified, in ms, by the clock of this machine; 0 for a time to come. */
export function ageMs({ modifiedNs }: Stamp): number {
  return Math.max(0, Date.now() - Number(modifiedNs / 1_000_000n));
}
