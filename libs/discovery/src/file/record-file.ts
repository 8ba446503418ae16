import { randomUUID } from 'node:crypto';
import { readFile } from 'node:fs';
import { link, rename, rm, writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { DiscoveryError } from '../model/errors.js';
import { maxRecordBytes } from '../model/instance.js';
import { decode, encode, type FileRecord } from './record.js';
import { sameStamp, type Stamp, stampOf } from './stamp.js';

/** A record is written with indentation, which can triple it. */
const maxFileBytes = 4 * maxRecordBytes;

/** A quarter of the CPU of its namesake in `fs/promises` (Node 20): it makes no handle object. */
const read = promisify(readFile);

/** A record and the stamp of the file it was read from. */
export interface StampedRecord {
  readonly stamp: Stamp;
  readonly content: FileRecord | DiscoveryError;
}

/** What the file with this stamp says: a record, or why it is none. */
export async function readContent(path: string, stamp: Stamp): Promise<FileRecord | DiscoveryError> {
  const name = basename(path);
  // Reading a pipe would wait for its writer.
  if (!stamp.isFile) return new DiscoveryError('INVALID_RECORD', `${name} is not a file`);
  if (stamp.size > maxFileBytes) {
    return new DiscoveryError(
      'INVALID_RECORD',
      `${name} has ${stamp.size} bytes; at most ${maxFileBytes} are read`,
    );
  }
  try {
    return decode(name, await read(path, 'utf8'));
  } catch (error) {
    return DiscoveryError.from(error, 'INVALID_RECORD', name);
  }
}

/** Undefined when there is no file. */
export async function readRecord(path: string): Promise<StampedRecord | undefined> {
  const stamp = await stampOf(path);
  return stamp && { stamp, content: await readContent(path, stamp) };
}

/**
 * Writes beside and moves into place, so that nobody reads half a record. With `overwrite` false, a file that came
 * into being meanwhile is left as it is.
 * @returns the stamp of the new file, or undefined when there was one.
 */
export async function writeRecord(
  path: string,
  record: FileRecord,
  { overwrite }: { overwrite: boolean },
): Promise<Stamp | undefined> {
  const temporary = join(dirname(path), `.${randomUUID()}.tmp`);
  try {
    await writeFile(temporary, encode(record), { mode: 0o600, flag: 'wx' });
    const stamp = await stampOf(temporary);
    if (overwrite || !(await linked(temporary, path))) {
      if (!overwrite && (await stampOf(path))) return undefined;
      await rename(temporary, path);
    }
    return stamp;
  } finally {
    await rm(temporary, { force: true });
  }
}

export function isTemporary(name: string): boolean {
  return /^\.[0-9a-f-]{36}\.tmp$/.test(name);
}

/**
 * Removes a file unless it has changed since. Between the look and the removal another can be put there: its owner
 * notices, as with any record that is deleted, and writes it again.
 */
export async function removeRecord(path: string, stamp: Stamp): Promise<void> {
  const now = await stampOf(path);
  if (now && sameStamp(now, stamp)) await rm(path, { force: true });
}

/** Moves a file into place, if none is there. False also where the file system has no links. */
async function linked(from: string, to: string): Promise<boolean> {
  try {
    await link(from, to);
    return true;
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'EEXIST' || code === 'EPERM' || code === 'ENOTSUP' || code === 'ENOSYS') return false;
    throw error;
  }
}
