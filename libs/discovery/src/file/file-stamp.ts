import { type BigIntStats, constants } from 'node:fs';
import { access, stat } from 'node:fs/promises';

/** Shows, without reading a file, whether it was replaced, written or touched. */
export interface Stamp {
  /** Includes the creation time, because a later file can have the same inode. */
  readonly identity: string;
  readonly size: number;
  readonly modifiedNs: bigint;
  readonly isFile: boolean;
}

/** The stamp of a file or a directory; undefined when it does not exist. */
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

/** Also after an I/O error: Linux remounts the file system read-only then. */
export async function isOnReadOnlyFileSystem(path: string): Promise<boolean> {
  try {
    await access(path, constants.W_OK);
    return false;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EROFS';
  }
}

/** Whether it is the same file with the same size. It may have been touched. */
export function sameFile(a: Stamp, b: Stamp): boolean {
  return a.identity === b.identity && a.size === b.size;
}

export function sameStamp(a: Stamp, b: Stamp): boolean {
  return sameFile(a, b) && a.modifiedNs === b.modifiedNs;
}

/** Time since its modification by the wall clock, in ms; 0 for a time in the future. */
export function ageMs({ modifiedNs }: Stamp): number {
  return Math.max(0, Date.now() - Number(modifiedNs / 1_000_000n));
}
