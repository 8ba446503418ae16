import { setTimeout as sleep } from 'node:timers/promises';
import { CallStats } from './call-stats.js';

/** Calls of another method that are always in flight, too. */
export interface Beside {
  readonly inFlight: number;
  /** Rejects with the reason of `signal` when it aborts. */
  call(signal: AbortSignal): Promise<void>;
}

export interface WorkloadOptions {
  /** Resolves with the id of the instance that responded. */
  call(): Promise<string>;
  readonly beside: Beside | undefined;
  /** Describes why a call failed, without what differs from call to call. */
  reasonOf(error: unknown): string;
}

const inFlight = 60;
/** The pause after a failed call, in ms: calls that fail at once would starve the event loop. */
const afterFailureMs = 5;

/** Makes calls until it is paused, and counts them. */
export class Workload {
  readonly stats = new CallStats();
  readonly #options: WorkloadOptions;
  #running = false;
  #workers: Promise<void>[] = [];
  #streams = new AbortController();
  #besides = 0;
  #started = 0;
  readonly #inFlight = new Set<number>();

  constructor(options: WorkloadOptions) {
    this.#options = options;
  }

  /** How many calls beside succeeded. */
  get besides(): number {
    return this.#besides;
  }

  /** The number of the call that was started last. */
  get started(): number {
    return this.#started;
  }

  /** The number of the first call that has not ended. */
  get oldestInFlight(): number {
    const [oldest = this.#started + 1] = this.#inFlight;
    return oldest;
  }

  /** Always 60 calls in flight, or so many calls a second. */
  resume(callsPerSecond?: number): void {
    if (this.#running) return;
    this.stats.resume();
    this.#running = true;
    const streams = (this.#streams = new AbortController());
    this.#workers =
      callsPerSecond === undefined
        ? Array.from({ length: inFlight }, () => this.#worker(() => this.#call()))
        : [this.#pacemaker(callsPerSecond)];
    const { beside } = this.#options;
    if (!beside) return;
    const callBeside = async () => {
      await beside.call(streams.signal);
      this.#besides += 1;
    };
    this.#workers.push(...Array.from({ length: beside.inFlight }, () => this.#worker(callBeside)));
  }

  /** Resolves when the last call has ended. */
  async pause(): Promise<void> {
    this.#running = false;
    this.#streams.abort();
    await Promise.all(this.#workers);
  }

  async #worker(call: () => Promise<void>): Promise<void> {
    for (;;) {
      const from = performance.now();
      try {
        await call();
      } catch (error) {
        if (error === this.#streams.signal.reason) return;
        this.#failed(error, from);
        await sleep(afterFailureMs);
      }
      if (!this.#running) return;
    }
  }

  /** Does not wait for the end of one call to make the next. */
  async #pacemaker(callsPerSecond: number): Promise<void> {
    const calls: Promise<void>[] = [];
    for (;;) {
      const from = performance.now();
      calls.push(this.#call().catch((error: unknown) => this.#failed(error, from)));
      await sleep(1_000 / callsPerSecond);
      if (!this.#running) return void (await Promise.all(calls));
    }
  }

  async #call(): Promise<void> {
    const from = performance.now();
    const number = ++this.#started;
    this.#inFlight.add(number);
    try {
      const instance = await this.#options.call();
      this.stats.succeeded(instance, performance.now() - from);
    } finally {
      this.#inFlight.delete(number);
    }
  }

  #failed(error: unknown, from: number): void {
    this.stats.failed(this.#options.reasonOf(error), performance.now() - from);
  }
}
