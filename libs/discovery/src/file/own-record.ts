import { mkdir, utimes } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { OwnRecord } from '../backend/backend.js';
import { DiscoveryError } from '../model/errors.js';
import type { Instance } from '../model/instance.js';
import { sleep } from '../runtime/timers.js';
import { unlessAborted, withStepTimeout } from './file-step.js';
import type { FileSettings } from './options.js';
import { processState, type Owner } from './owner.js';
import { fileName, type FileRecord } from './record.js';
import { readRecord, removeRecord, type StampedRecord, writeRecord } from './record-file.js';
import { assertTrusted } from './trusted-directory.js';
import { ageMs, sameFile, sameStamp, type Stamp, stampOf } from './file-stamp.js';
import type { Cleanup } from './cleanup.js';

/** How often an instance checks that its own record is still there, in ms. */
const verifyEveryMs = 250;

export interface RecordContext {
  readonly options: FileSettings;
  readonly owner: Owner;
  readonly cleanup: Cleanup;
}

/** The record of one instance: a file in the directory, touched as its heartbeat. */
export class FileOwnRecord implements OwnRecord {
  readonly #context: RecordContext;
  readonly #path: string;
  #instance: Instance;
  #stamp: Stamp | undefined;
  /** File operations cannot be cancelled: the next one starts when the last one has ended. */
  #running: Promise<void> = Promise.resolve();

  constructor(context: RecordContext, instance: Instance) {
    this.#context = context;
    this.#path = join(context.options.directory, fileName(instance));
    this.#instance = instance;
  }

  async write(instance: Instance, signal: AbortSignal): Promise<void> {
    void this.#context.cleanup.run(signal);
    await this.#step(signal, async () => {
      if (signal.aborted) return;
      const directory = dirname(this.#path);
      await mkdir(directory, { recursive: true, mode: 0o700 });
      await assertTrusted(directory);
      this.#instance = instance;
      // Repeats when another process wrote the file meanwhile.
      do {
        const existing = await readRecord(this.#path);
        if (existing) this.#assertReplaceable(existing);
        this.#stamp = await writeRecord(this.#path, this.#content, { overwrite: existing !== undefined });
      } while (!this.#stamp);
    });
  }

  async keep(signal: AbortSignal): Promise<void> {
    const { heartbeatMs } = this.#context.options;
    let touchedAt = performance.now();
    while (!signal.aborted) {
      await sleep(Math.min(verifyEveryMs, heartbeatMs), signal);
      if (signal.aborted) return;
      await this.#step(signal, () => this.#assertUnchanged());
      if (performance.now() - touchedAt < heartbeatMs) continue;
      await this.#step(signal, () => this.#touch());
      touchedAt = performance.now();
    }
  }

  async markDraining(signal: AbortSignal): Promise<void> {
    await this.#step(signal, async () => {
      const existing = await readRecord(this.#path);
      if (!existing || !this.#isOurs(existing)) return;
      const record = { ...this.#content, instance: { ...this.#instance, draining: true } };
      await writeRecord(this.#path, record, { overwrite: true });
    });
  }

  async remove(signal: AbortSignal): Promise<void> {
    await this.#step(signal, async () => {
      const existing = await readRecord(this.#path);
      if (existing && this.#isOurs(existing)) await removeRecord(this.#path, existing.stamp);
    });
  }

  async #step(signal: AbortSignal, work: () => Promise<void>): Promise<void> {
    this.#running = this.#running.catch(() => {}).then(work);
    await unlessAborted(signal, withStepTimeout(this.#path, this.#running));
  }

  /** @throws {DiscoveryError} REGISTRATION_LOST or CONFLICT when the file was changed. */
  async #assertUnchanged(): Promise<void> {
    const current = await stampOf(this.#path);
    if (current && this.#stamp && sameStamp(current, this.#stamp)) return;
    const existing = await readRecord(this.#path);
    const other = existing && this.#liveOwner(existing);
    if (other) throw this.#conflict(other);
    throw new DiscoveryError('REGISTRATION_LOST', `${this.#path} was ${existing ? 'changed' : 'removed'}`);
  }

  /** The heartbeat. */
  async #touch(): Promise<void> {
    const now = new Date();
    await utimes(this.#path, now, now);
    const touched = await stampOf(this.#path);
    // If another file has replaced it, the next check finds out.
    if (touched && this.#stamp && sameFile(touched, this.#stamp)) this.#stamp = touched;
  }

  /**
   * Of two live owners, the one that registered first keeps the file, even if it was frozen until another one took the file.
   * One that never had the file does not take it, whatever the times say: the clock may have jumped back.
   */
  #assertReplaceable(existing: StampedRecord): void {
    const other = this.#liveOwner(existing);
    if (!other) return;
    const ours = this.#instance.registeredAt ?? Infinity;
    const theirs = other.instance.registeredAt ?? -Infinity;
    if (!this.#stamp || theirs <= ours) throw this.#conflict(other);
  }

  /** The record, if its owner is another live process. */
  #liveOwner(existing: StampedRecord): FileRecord | undefined {
    const { content, stamp } = existing;
    if (content instanceof DiscoveryError || !content.owner || this.#isOurs(existing)) return undefined;
    const isAlive =
      ageMs(stamp) < this.#context.options.staleAfterMs && processState(content.owner) !== 'dead';
    return isAlive ? content : undefined;
  }

  #conflict({ instance, owner }: FileRecord): DiscoveryError {
    return new DiscoveryError(
      'CONFLICT',
      `${this.#path} is owned by process ${owner?.pid}, which is alive: use a unique id for each instance instead of ${instance.id}`,
    );
  }

  #isOurs({ content }: StampedRecord): boolean {
    return !(content instanceof DiscoveryError) && content.owner?.handle === this.#context.owner.handle;
  }

  get #content(): FileRecord {
    return { instance: this.#instance, owner: this.#context.owner };
  }
}
