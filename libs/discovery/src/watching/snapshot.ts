import { randomUUID } from 'node:crypto';
import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { DiscoveryError } from '../model/errors.js';
import { defineInstance, type Instance, type InstanceInit } from '../model/instance.js';
import { invalidOption } from '../model/invalid-option.js';

export interface SnapshotOptions {
  /** Directory with one file per service. Created with mode 0700 if missing. */
  readonly directory: string;
  /** Older snapshots are ignored, in ms. Default one day. */
  readonly maxAgeMs?: number;
}

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

  /** @throws {DiscoveryError} INVALID_OPTION. */
  constructor({ directory, maxAgeMs = 24 * 3_600_000 }: SnapshotOptions, service: string) {
    if (typeof directory !== 'string' || directory === '') {
      throw invalidOption('snapshot.directory', directory, 'use a path such as /var/lib/shop/discovery');
    }
    if (!(maxAgeMs > 0)) throw invalidOption('snapshot.maxAgeMs', maxAgeMs, 'use more than 0 ms');
    this.#options = { directory, maxAgeMs };
    this.#service = service;
  }

  get path(): string {
    // `*` is not allowed in a file name on Windows; `_all` is not a valid service name.
    return join(this.#options.directory, `${this.#service.replace('*', '_all')}.json`);
  }

  /** Undefined if there is no file. @throws {DiscoveryError} INVALID_RECORD if the snapshot is too old or unreadable. */
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
      return { instances: instances.map(defineInstance), takenAt: new Date(takenAt) };
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

  async #writePending(): Promise<void> {
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
