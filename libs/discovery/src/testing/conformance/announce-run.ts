import { getEventListeners } from 'node:events';
import type { Backend, OwnRecord } from '../../backend/backend.js';
import type { Instance } from '../../model/instance.js';
import { announce } from '../../registering/announce.js';
import { DesiredInstance, type InstanceUpdate, updateInstance } from '../../registering/desired-instance.js';
import { SessionRun } from './session-run.js';

/** A session that announces an instance, as `Registration` does. */
export class AnnounceRun extends SessionRun {
  readonly record: OwnRecord;
  readonly #desired: DesiredInstance;
  /** The signals that were given to `keep`. */
  readonly #keepSignals: AbortSignal[] = [];
  #isRegistered = false;

  /** Pass the `record` of an earlier session to continue the same registration. */
  constructor(backend: Backend, instance: Instance, timeoutMs: number, record?: OwnRecord) {
    super(`the announcement of ${instance.id}`, timeoutMs);
    this.#desired = new DesiredInstance(instance);
    this.record = record ?? backend.ownRecord(instance);
    const registered = () => this.update(() => (this.#isRegistered = true));
    this.run(
      announce(this.#recorded(this.record), this.#desired, { signal: this.controller.signal, registered }),
    );
  }

  get instance(): Instance {
    return this.#desired.instance;
  }

  override get abortListeners(): number {
    const kept = this.#keepSignals.flatMap((signal) => getEventListeners(signal, 'abort'));
    return super.abortListeners + kept.length;
  }

  async registered(): Promise<void> {
    await this.waitWhileOpen(`${this.instance.id} is registered`, () => this.#isRegistered || undefined);
  }

  /** Replaces the instance. Resolves when others can see the new one. */
  async replace(update: InstanceUpdate): Promise<void> {
    this.#desired.replace(updateInstance(this.instance, update));
    const { version } = this.#desired;
    await this.waitWhileOpen(
      `${this.instance.id} is updated`,
      () => this.#desired.isShown(version) || undefined,
    );
  }

  abort(): void {
    this.controller.abort();
  }

  /** Deregisters, within the promised 2 s plus a margin for a busy machine. */
  async leave(): Promise<void> {
    // An error thrown by now is older than the abort.
    await new Promise((resolve) => setTimeout(resolve, 0));
    await this.stop();
  }

  /** `record`, with the signals of its `keep` recorded. */
  #recorded(record: OwnRecord): OwnRecord {
    return {
      write: (instance, signal) => record.write(instance, signal),
      keep: (signal) => {
        this.#keepSignals.push(signal);
        return record.keep(signal);
      },
      ...(record.markDraining && { markDraining: (signal: AbortSignal) => record.markDraining!(signal) }),
      remove: (signal) => record.remove(signal),
    };
  }

  protected describe(): string {
    return `it is ${this.#isRegistered ? 'registered' : 'not registered'}`;
  }
}
