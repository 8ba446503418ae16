import type { Backend, OwnRecord } from '../../backend/backend.js';
import type { Instance } from '../../model/instance.js';
import { announce } from '../../registering/announce.js';
import { SessionRun } from './session-run.js';

/** A session that announces an instance, as `Registration` does. */
export class AnnounceRun extends SessionRun {
  readonly instance: Instance;
  readonly record: OwnRecord;
  #isRegistered = false;

  /** Pass the `record` of an earlier session to continue the same registration. */
  constructor(backend: Backend, instance: Instance, timeoutMs: number, record?: OwnRecord) {
    super(`the announcement of ${instance.id}`, timeoutMs);
    this.instance = instance;
    this.record = record ?? backend.ownRecord(instance);
    const registered = () => this.update(() => (this.#isRegistered = true));
    this.run(announce(this.record, instance, { signal: this.controller.signal, registered }));
  }

  async registered(): Promise<void> {
    await this.waitWhileOpen(`${this.instance.id} is registered`, () => this.#isRegistered || undefined);
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

  protected describe(): string {
    return `it is ${this.#isRegistered ? 'registered' : 'not registered'}`;
  }
}
