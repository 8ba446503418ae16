import { randomUUID } from 'node:crypto';
import { mkdir, readdir, readFile, rename, rm, stat, utimes, writeFile } from 'node:fs/promises';
import path from 'node:path';
import {
  type AnnounceSession,
  type Backend,
  drainMarkMs,
  type ObservedSet,
  type ObserveSession,
} from '../backend.js';
import { DiscoveryError } from '../errors.js';
import type { Instance } from '../instance.js';
import { sleep } from '../timer.js';
import { Directory } from './directory.js';
import { life, sameOwner, self } from './owner.js';
import { decode, encode, fileName, type FileRecord, serviceOf } from './record.js';

export interface FileOptions {
  /** The directory. Made, with mode 0700, by the first instance that announces itself. */
  readonly directory: string;
  /** How often a living instance touches its file, in ms. Default 1,000. */
  readonly heartbeatMs?: number;
  /** A file that was not touched for so long, in ms, belongs to an instance that hangs. Default 10,000. */
  readonly staleAfterMs?: number;
  /** How often the owners' lives are looked at, in ms: the longest that a kill -9 goes unnoticed. Default 200. */
  readonly scanIntervalMs?: number;
}

/**
 * A registry for one machine that needs no server: a directory with a JSON file for each instance, written by rename.
 * An instance is alive while its process lives and its file is fresh. A directory that is not there is a registry that
 * is away.
 * @throws {DiscoveryError} INVALID_OPTION.
 */
export function fileBackend(options: FileOptions): Backend {
  return new FileBackend(options);
}

class FileBackend implements Backend {
  readonly scheme = 'file';
  readonly location: string;
  readonly #path: string;
  readonly #heartbeatMs: number;
  readonly #directory: Directory;

  constructor({ directory, heartbeatMs = 1_000, staleAfterMs = 10_000, scanIntervalMs = 200 }: FileOptions) {
    if (directory === '') throw new DiscoveryError('INVALID_OPTION', 'directory "" is not usable; name one');
    for (const [name, value] of Object.entries({ heartbeatMs, staleAfterMs, scanIntervalMs })) {
      if (!(value >= 10))
        throw new DiscoveryError('INVALID_OPTION', `${name} ${value} is not usable; use 10 ms or more`);
    }
    if (staleAfterMs < 3 * heartbeatMs) {
      throw new DiscoveryError(
        'INVALID_OPTION',
        `staleAfterMs ${staleAfterMs} is not usable; use three heartbeats (${3 * heartbeatMs}) or more`,
      );
    }
    this.#path = path.resolve(directory);
    this.location = `file://${this.#path}`;
    this.#heartbeatMs = heartbeatMs;
    this.#directory = new Directory({ path: this.#path, scanIntervalMs, staleAfterMs });
  }

  async announce(instance: Instance, { signal, registered }: AnnounceSession): Promise<void> {
    const file = path.join(this.#path, fileName(instance));
    await mkdir(this.#path, { recursive: true, mode: 0o700 });
    await this.#assertOurs(file, instance);
    const inode = await this.#write(file, instance);
    await this.#removeDead();
    registered();
    while (!signal.aborted) {
      await sleep(this.#heartbeatMs / 2, signal);
      if (signal.aborted) break;
      const { ino } = await stat(file).catch(() => {
        throw new DiscoveryError('REGISTRATION_LOST', `${file} was removed by someone else`);
      });
      if (ino !== inode) {
        await this.#assertOurs(file, instance);
        throw new DiscoveryError('REGISTRATION_LOST', `${file} was overwritten by someone else`);
      }
      const now = new Date();
      await utimes(file, now, now);
    }
    await this.#remove(file, instance);
  }

  observe(service: string, session: ObserveSession): AsyncIterable<ObservedSet> {
    return this.#observe(service, session);
  }

  observeAll(session: ObserveSession): AsyncIterable<ObservedSet> {
    return this.#observe(undefined, session);
  }

  async close(): Promise<void> {}

  async *#observe(
    service: string | undefined,
    { signal, rejected }: ObserveSession,
  ): AsyncIterable<ObservedSet> {
    let wake = () => {};
    let news = this.#directory.scanned;
    let failure: DiscoveryError | undefined;
    const unsubscribe = this.#directory.subscribe((change) => {
      if (change === 'changed') news = true;
      else failure = change;
      wake();
    });
    const stop = () => wake();
    signal.addEventListener('abort', stop);
    try {
      while (!signal.aborted) {
        if (failure) throw failure;
        if (!news) {
          await new Promise<void>((resolve) => {
            wake = resolve;
          });
          continue;
        }
        news = false;
        for (const [name, reason] of this.#directory.unreadable(service)) rejected(name, reason);
        const instances = [...this.#directory.living(service)].map(({ instance }) => instance);
        yield { instances, revision: String(this.#directory.revision) };
      }
    } finally {
      signal.removeEventListener('abort', stop);
      unsubscribe();
    }
  }

  /** Writes beside and renames over, so that nobody reads half a record. Returns the inode. */
  async #write(file: string, instance: Instance): Promise<number> {
    const temporary = path.join(this.#path, `.${randomUUID()}.tmp`);
    try {
      await writeFile(temporary, encode({ instance, owner: self }), { mode: 0o600 });
      const { ino } = await stat(temporary);
      await rename(temporary, file);
      return ino;
    } catch (error) {
      await rm(temporary, { force: true });
      throw DiscoveryError.from(error, 'REGISTRY_UNAVAILABLE', file);
    }
  }

  /** @throws {DiscoveryError} CONFLICT when the record of this id belongs to another process that lives. */
  async #assertOurs(file: string, { id }: Instance): Promise<void> {
    const record = await read(file);
    if (!record || sameOwner(record.owner, self) || life(record.owner) === 'dead') return;
    throw new DiscoveryError(
      'CONFLICT',
      `id ${id} belongs to process ${record.owner.pid}, which lives; give each instance an id of its own`,
    );
  }

  /** Says that the removal is meant, and removes. What cannot be removed goes stale. */
  async #remove(file: string, instance: Instance): Promise<void> {
    try {
      await this.#write(file, { ...instance, draining: true });
      await sleep(drainMarkMs);
      await rm(file, { force: true });
    } catch (error) {
      if ((await read(file).catch(() => undefined)) === undefined) return;
      throw error;
    }
  }

  /** Removes what processes left behind that died. */
  async #removeDead(): Promise<void> {
    const names = (await readdir(this.#path)).filter((name) => serviceOf(name) !== undefined);
    for (const name of names) {
      const file = path.join(this.#path, name);
      const before = await stat(file).catch(() => undefined);
      const record = before && (await read(file).catch(() => undefined));
      if (!record || life(record.owner) !== 'dead') continue;
      const now = await stat(file).catch(() => undefined);
      if (now?.ino === before?.ino) await rm(file, { force: true });
    }
  }
}

/** The record in a file; undefined when there is no file, or none that can be read. */
async function read(file: string): Promise<FileRecord | undefined> {
  try {
    return decode(file.slice(file.lastIndexOf('/') + 1), await readFile(file, 'utf8'));
  } catch {
    return undefined;
  }
}
