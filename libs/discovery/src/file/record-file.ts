import { randomUUID } from 'node:crypto';
import { readFile } from 'node:fs';
import { link, rename, rm, writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { DiscoveryError } from '../model/errors.js';
import { maxRecordBytes } from '../model/instance.js';
import { decode, encode, type FileRecord } from './record.js';
import { sameStamp, type Stamp, stampOf } from './file-stamp.js';

/** Indentation can triple the size of a record. */
const maxFileBytes = 4 * maxRecordBytes;

/** Takes a quarter of the CPU of `fs/promises` (Node 20), which creates a handle object. */
const read = promisify(readFile);

/** A record and the stamp of the file it was read from. */
export interface StampedRecord {
  readonly stamp: Stamp;
  readonly content: FileRecord | DiscoveryError;
}

/** Errors that are about this file only: another user's, or one that has just become a directory. */
const fileErrors = new Set(['EACCES', 'EPERM', 'EISDIR', 'ELOOP', 'ENOENT', 'ENXIO']);

/**
 * The record in the file with this stamp, or why it is unreadable.
 * @throws {Error} when the system cannot read at present (too many open files, a disk error): that says nothing of the record.
 */
export async function readContent(path: string, stamp: Stamp): Promise<FileRecord | DiscoveryError> {
  const name = basename(path);
  // Reading from a pipe would block until there is a writer.
  if (!stamp.isFile) return new DiscoveryError('INVALID_RECORD', `${name} is not a file`);
  if (stamp.size > maxFileBytes) {
    return new DiscoveryError('INVALID_RECORD', `${name} has ${stamp.size} bytes, more than ${maxFileBytes}`);
  }
  let text: string;
  try {
    text = await read(path, 'utf8');
  } catch (error) {
    if (!fileErrors.has((error as NodeJS.ErrnoException).code ?? '')) throw error;
    return DiscoveryError.from(error, 'INVALID_RECORD', name);
  }
  try {
    return decode(name, text);
  } catch (error) {
    return DiscoveryError.from(error, 'INVALID_RECORD', name);
  }
}

/** Undefined when the file does not exist. */
export async function readRecord(path: string): Promise<StampedRecord | undefined> {
  const stamp = await stampOf(path);
  return stamp && { stamp, content: await readContent(path, stamp) };
}

/**
 * Writes a temporary file and renames it, so that readers never see half a record. With `overwrite` false an existing file is
 * kept.
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
    if (overwrite || !(await tryLink(temporary, path))) {
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
 * Removes a file unless it has changed. A record written between the check and the removal is lost; its owner notices and
 * writes it again.
 */
export async function removeRecord(path: string, stamp: Stamp): Promise<void> {
  const current = await stampOf(path);
  if (current && sameStamp(current, stamp)) await rm(path, { force: true });
}

/** Links `to` to `from` unless `to` exists. False also where the file system has no links. */
async function tryLink(from: string, to: string): Promise<boolean> {
  try {
    await link(from, to);
    return true;
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'EEXIST' || code === 'EPERM' || code === 'ENOTSUP' || code === 'ENOSYS') return false;
    throw error;
  }
}
