import type { Instance } from '../model/instance.js';
import { FaultLog, type Log } from '../runtime/log.js';
import { sleep, startTimer } from '../runtime/timers.js';
import { type Snapshot, SnapshotFile, type SnapshotOptions } from './snapshot.js';

/** The snapshot is ignored if it is not read within this time, in ms. */
const readWithinMs = 1_000;
/** The shortest time between two writes, in ms. */
const minRestMs = 1_000;
/** The same in proportion to the duration of a write: many changes of a large list cost at most 2 % of the time. */
const restShare = 50;

/** The snapshot of a membership: read once at the start; written at once after a change, but changes in short order as one. */
export class SnapshotStore {
  readonly #file: SnapshotFile;
  readonly #log: Log;
  readonly #faults: FaultLog;
  /** What an earlier process saved; undefined if that is invalid. */
  readonly earlier: Promise<Snapshot | undefined>;
  #pending: readonly Instance[] | undefined;
  #writing: Promise<void> | undefined;
  #cancelRest: (() => void) | undefined;
  #isClosed = false;

  /** @throws {DiscoveryError} INVALID_OPTION. */
  constructor(options: SnapshotOptions, service: string, log: Log) {
    this.#file = new SnapshotFile(options, service);
    this.#log = (level, message) => log(level, `${service}: ${message}`);
    this.#faults = new FaultLog(log, `${service}: writing the snapshot`);
    this.earlier = this.#read();
  }

  save(instances: readonly Instance[]): void {
    this.#pending = instances;
    if (!this.#cancelRest) this.#writing ??= this.#write();
  }

  /** Resolves when the last set is written. Does not reject. */
  async close(): Promise<void> {
    this.#isClosed = true;
    this.#cancelRest?.();
    await this.#writing;
    if (this.#pending) await this.#write();
    this.#faults.close();
  }

  /** Does not reject, and is bounded: a directory on a network can hang. */
  async #read(): Promise<Snapshot | undefined> {
    try {
      return (await Promise.race([this.#file.read(), sleep(readWithinMs)])) ?? undefined;
    } catch (reason) {
      const message = reason instanceof Error ? reason.message : String(reason);
      this.#log('warn', `${message}; starting without a snapshot`);
      return undefined;
    }
  }

  async #write(): Promise<void> {
    const instances = this.#pending!;
    this.#pending = undefined;
    const startedAt = performance.now();
    await this.#file.write(instances).then(
      () => this.#faults.recovered(),
      (error: Error) => this.#faults.fault(error),
    );
    this.#writing = undefined;
    if (this.#isClosed) return;
    const restMs = Math.max(minRestMs, restShare * (performance.now() - startedAt));
    this.#cancelRest = startTimer(restMs, () => {
      this.#cancelRest = undefined;
      if (this.#pending) this.save(this.#pending);
    });
  }
}
