import { mkdir, utimes } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { drainingVisibleMs } from '../backend/backend.js';
import { DiscoveryError } from '../model/errors.js';
import type { Instance } from '../model/instance.js';
import type { CheckedFileOptions } from './options.js';
import { life, type Owner } from './owner.js';
import { fileName, type FileRecord } from './record.js';
import { readRecord, removeRecord, type StampedRecord, writeRecord } from './record-file.js';
import { ageMs, sameFile, sameStamp, type Stamp, stampOf } from './stamp.js';

/** One instance's claim to its file in the directory. */
export class Claim {
  readonly #path: string;
  readonly #record: FileRecord;
  readonly #owner: Owner;
  readonly #staleAfterMs: number;
  #stamp: Stamp | undefined;

  constructor(instance: Instance, owner: Owner, { directory, staleAfterMs }: CheckedFileOptions) {
    this.#path = join(directory, fileName(instance));
    this.#record = { instance, owner };
    this.#owner = owner;
    this.#staleAfterMs = staleAfterMs;
  }

  /**
   * Puts the record into the directory, which is made if it is not there.
   * @throws {DiscoveryError} CONFLICT when the record belongs to someone else, who lives.
   */
  async stake(): Promise<void> {
    await mkdir(dirname(this.#path), { recursive: true, mode: 0o700 });
    // Again when someone was faster: either the file is his now, or he is gone already.
    do {
      const existing = await readRecord(this.#path);
      if (existing) this.#assertMayReplace(existing);
      this.#stamp = await writeRecord(this.#path, this.#record, { overwrite: existing !== undefined });
    } while (!this.#stamp);
  }

  /** @throws {DiscoveryError} REGISTRATION_LOST or CONFLICT when the file is no longer what we made of it. */
  async verify(): Promise<void> {
    const now = await stampOf(this.#path);
    if (now && this.#stamp && sameStamp(now, this.#stamp)) return;
    const existing = await readRecord(this.#path);
    const other = existing && this.#otherOwner(existing);
    if (other) throw this.#conflict(other);
    const what = existing ? 'changed' : 'removed';
    throw new DiscoveryError('REGISTRATION_LOST', `${this.#path} was ${what} by someone else`);
  }

  /** Says that the instance is alive. To be called after {@link verify}. */
  async touch(): Promise<void> {
    const now = new Date();
    await utimes(this.#path, now, now);
    const touched = await stampOf(this.#path);
    // If it is another file by now, the next `verify` finds out.
    if (touched && this.#stamp && sameFile(touched, this.#stamp)) this.#stamp = touched;
  }

  /** Shows the instance as leaving for a moment and removes its record, if that is ours. */
  async release(): Promise<void> {
    const existing = await readRecord(this.#path);
    if (!existing || !this.#isOurs(existing)) return;
    const leaving = { ...this.#record, instance: { ...this.#record.instance, draining: true } };
    const stamp = await writeRecord(this.#path, leaving, { overwrite: true });
    // Not a timer that lets the process end meanwhile: the record would stay.
    await delay(drainingVisibleMs);
    if (stamp) await removeRecord(this.#path, stamp);
  }

  /**
   * Of two owners that live, the one who registered first keeps the file: also one who was frozen for so long that
   * another took it.
   */
  #assertMayReplace(existing: StampedRecord): void {
    const other = this.#otherOwner(existing);
    if (!other) return;
    const mine = this.#record.instance.registeredAt ?? Infinity;
    const theirs = other.instance.registeredAt ?? -Infinity;
    if (theirs <= mine) throw this.#conflict(other);
  }

  /** The record, if it is someone else's who lives. */
  #otherOwner(existing: StampedRecord): FileRecord | undefined {
    const { content, stamp } = existing;
    if (content instanceof DiscoveryError || !content.owner || this.#isOurs(existing)) return undefined;
    const lives = ageMs(stamp) < this.#staleAfterMs && life(content.owner) !== 'dead';
    return lives ? content : undefined;
  }

  #conflict({ instance, owner }: FileRecord): DiscoveryError {
    return new DiscoveryError(
      'CONFLICT',
      `${this.#path} belongs to process ${owner?.pid}, which lives; give each instance an id of its own, not ${instance.id}`,
    );
  }

  #isOurs({ content }: StampedRecord): boolean {
    return !(content instanceof DiscoveryError) && content.owner?.handle === this.#owner.handle;
  }
}
