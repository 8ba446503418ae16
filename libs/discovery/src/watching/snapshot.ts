import { randomUUID } from 'node:crypto';
import { mkdir, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { DiscoveryError } from '../model/errors.js';
import { instanceOfRecord, type Instance, type InstanceInit } from '../model/instance.js';
import { invalidOption } from '../model/invalid-option.js';

export interface SnapshotOptions {
  /** Directory with one file per service. Created with mode 0700 if missing. */
  readonly directory: string;
  /** Older snapshots are ignored, in ms. Default one day. */
  readonly maxAgeMs?: number;
}

/** @throws {DiscoveryError} INVALID_OPTION. */
export function checkSnapshotOptions({ directory, maxAgeMs = defaultMaxAgeMs }: SnapshotOptions): void {
  if (typeof directory !== 'string' || directory === '')
    throw invalidOption('snapshot.directory', directory, 'use a path such as /var/lib/shop/discovery');
  if (!(maxAgeMs > 0)) throw invalidOption('snapshot.maxAgeMs', maxAgeMs, 'use more than 0 ms');
}

const defaultMaxAgeMs = 24 * 3_600_000;
/** A snapshot may lie this far in the future, in ms: clocks are corrected. */
const maxClockSkewMs = 60_000;
/** A temporary file of this age, in ms, was left by a writer that crashed. */
const abandonedAfterMs = 60_000;

export interface Snapshot {
  readonly instances: readonly Instance[];
  readonly takenAt: Date;
}

/**
 * The last known good set of one service in a file, for a start without a registry. Writes are atomic (a temporary
 * file, then a rename) and sequential; of several pending sets only the last is written.
 */
export class SnapshotFile {
  readonly #options: Required<SnapshotOptions>;
  readonly #service: string;
  #pending: readonly Instance[] | undefined;
  #writing: Promise<void> | undefined;
  #isSwept = false;

  /** @throws {DiscoveryError} INVALID_OPTION. */
  constructor(options: SnapshotOptions, service: string) {
    checkSnapshotOptions(options);
    this.#options = { maxAgeMs: defaultMaxAgeMs, ...options };
    this.#service = service;
  }

  get path(): string {
    return join(this.#options.directory, this.#fileName);
  }

  /** `*`, the catalogue, is `_all`. Encoded, because file names are not case-sensitive everywhere. */
  get #fileName(): string {
    if (this.#service === '*') return '_all.json';
    const encode = (byte: number) => `%${byte.toString(16).padStart(2, '0')}`;
    return `${this.#service.replaceAll(/[^a-z0-9.-]/g, (character) => Array.from(Buffer.from(character), encode).join(''))}.json`;
  }

  /**
   * Undefined if there is no file.
   * @throws {DiscoveryError} INVALID_RECORD if the snapshot is too old, from the future or unreadable.
   */
  async read(): Promise<Snapshot | undefined> {
    let text: string;
    try {
      text = await readFile(this.path, 'utf8');
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
      throw DiscoveryError.from(error, 'INVALID_RECORD', `snapshot ${this.path}`);
    }
    try {
      const { service, takenAt, instances } = JSON.parse(text) as {
        service: string;
        takenAt: string;
        instances: InstanceInit[];
      };
      if (service !== this.#service) throw new Error(`it belongs to service ${service}`);
      const ageMs = Date.now() - Date.parse(takenAt);
      if (!(ageMs <= this.#options.maxAgeMs)) {
        throw new Error(`it was taken at ${takenAt}, the maximum age is ${this.#options.maxAgeMs} ms`);
      }
      if (ageMs < -maxClockSkewMs) throw new Error(`it was taken in the future, at ${takenAt}`);
      return { instances: instances.map(instanceOfRecord), takenAt: new Date(takenAt) };
    } catch (error) {
      throw DiscoveryError.from(error, 'INVALID_RECORD', `snapshot ${this.path}`);
    }
  }

  /** Resolves when all pending writes are done; rejects if one failed. */
  write(instances: readonly Instance[]): Promise<void> {
    this.#pending = instances;
    this.#writing ??= this.#writePending().finally(() => {
      this.#writing = undefined;
    });
    return this.#writing;
  }

  /** Resolves when no write is in progress. Does not reject. */
  async settled(): Promise<void> {
    await this.#writing?.catch(() => {});
  }

  /** Removes the temporary files of writers that crashed. */
  async #sweep(): Promise<void> {
    const { directory } = this.#options;
    for (const name of await readdir(directory)) {
      if (!name.startsWith(`${this.#fileName}.`) || !name.endsWith('.tmp')) continue;
      const { mtimeMs } = await stat(join(directory, name));
      if (Date.now() - mtimeMs > abandonedAfterMs) await rm(join(directory, name), { force: true });
    }
  }

  async #writePending(): Promise<void> {
    if (!this.#isSwept) {
      this.#isSwept = true;
      // Another process may sweep at the same time, and there may be no directory yet.
      await this.#sweep().catch(() => {});
    }
    while (this.#pending) {
      const instances = this.#pending;
      this.#pending = undefined;
      const temporaryPath = `${this.path}.${randomUUID()}.tmp`;
      try {
        await mkdir(this.#options.directory, { recursive: true, mode: 0o700 });
        const content = { service: this.#service, takenAt: new Date().toISOString(), instances };
        await writeFile(temporaryPath, JSON.stringify(content), { mode: 0o600 });
        await rename(temporaryPath, this.path);
      } catch (error) {
        await rm(temporaryPath, { force: true });
        throw error;
      }
    }
  }
}
