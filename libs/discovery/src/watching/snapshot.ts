import { randomUUID } from 'node:crypto';
import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { DiscoveryError } from '../model/errors.js';
import { defineInstance, type Instance, type InstanceInit } from '../model/instance.js';
import { invalidOption } from '../model/invalid-option.js';

export interface SnapshotOptions {
  /** Directory with a file for each service. Made with mode 0700 when it is not there. */
  readonly directory: string;
  /** A snapshot that is older than this, in ms, is not believed. Default one day. */
  readonly maxAgeMs?: number;
}

/** The last good set of a service as it was written, and when. */
export interface Snapshot {
  readonly instances: readonly Instance[];
  readonly takenAt: Date;
}

/**
 * Keeps the last good set of one service in a file, for a start without a registry. Writes are atomic (a file beside
 * it, then a rename) and one after the other; of those that pile up only the last is written.
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
    // What the catalogue is called no file on Windows may be, and no service is.
    return join(this.#options.directory, `${this.#service.replace('*', '_all')}.json`);
  }

  /** The set, or undefined when none was ever written. @throws {DiscoveryError} INVALID_RECORD for one that is too old or cannot be read. */
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
      if (service !== this.#service) throw new Error(`it speaks of ${service}`);
      const ageMs = Date.now() - Date.parse(takenAt);
      if (!(ageMs <= this.#options.maxAgeMs)) {
        throw new Error(`it was taken at ${takenAt}, and may be ${this.#options.maxAgeMs} ms old at most`);
      }
      return { instances: instances.map(defineInstance), takenAt: new Date(takenAt) };
    } catch (error) {
      throw DiscoveryError.from(error, 'INVALID_RECORD', `snapshot ${this.path}`);
    }
  }

  /** Writes the set, soon. Rejects when the last write failed. */
  write(instances: readonly Instance[]): Promise<void> {
    this.#pending = instances;
    this.#writing ??= this.#drain().finally(() => {
      this.#writing = undefined;
    });
    return this.#writing;
  }

  /** Resolves when nothing is being written any more. */
  async settled(): Promise<void> {
    await this.#writing?.catch(() => {});
  }

  async #drain(): Promise<void> {
    while (this.#pending) {
      const instances = this.#pending;
      this.#pending = undefined;
      const beside = `${this.path}.${randomUUID()}.tmp`;
      try {
        await mkdir(this.#options.directory, { recursive: true, mode: 0o700 });
        const content = { service: this.#service, takenAt: new Date().toISOString(), instances };
        await writeFile(beside, JSON.stringify(content), { mode: 0o600 });
        await rename(beside, this.path);
      } catch (error) {
        await rm(beside, { force: true });
        throw error;
      }
    }
  }
}
