import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { setTimeout } from 'node:timers/promises';
import type { Backend, OwnRecord } from '../../backend/backend.js';
import { DiscoveryError } from '../../model/errors.js';
import { defineInstance, type Instance, type InstanceInit } from '../../model/instance.js';
import { AnnounceRun } from './announce-run.js';
import type { ConformanceHarness } from './harness.js';
import { ObserveRun } from './observe-run.js';

let lastPort = 20_000;

/** One run of one case: creates backends, instances with unique names, and sessions, and closes them. */
export class CaseRun {
  /** A new service name. */
  readonly service = `goods-${randomUUID().slice(0, 8)}`;
  readonly harness: ConformanceHarness;
  readonly timeoutMs: number;
  readonly #backends: Backend[] = [];
  /** Through which the instances of a backend are registered. */
  readonly #writers = new Map<Backend, Backend>();
  readonly #announceRuns: AnnounceRun[] = [];
  readonly #observeRuns: ObserveRun[] = [];

  constructor(harness: ConformanceHarness) {
    this.harness = harness;
    this.timeoutMs = harness.timeoutMs ?? 10_000;
  }

  async open(): Promise<Backend> {
    const { watchOnly } = this.harness.allows ?? {};
    const backend = await this.harness.open();
    this.#backends.push(backend);
    assert.equal(
      backend.isWatchOnly ?? false,
      watchOnly !== undefined,
      'isWatchOnly differs from what is allowed',
    );
    const writer = await watchOnly?.writer();
    if (writer) this.#backends.push(writer);
    this.#writers.set(backend, writer ?? backend);
    return backend;
  }

  instance(more: Partial<InstanceInit> = {}): Instance {
    lastPort += 1;
    const [host, port] = ['127.0.0.1', lastPort];
    // Where records have no id, readers take the address for it.
    const losesId = this.harness.allows?.losesFields?.fields.includes('id');
    return defineInstance({
      id: losesId ? `${host}:${port}` : `${this.service}-${port}`,
      service: this.service,
      host,
      port,
      registeredAt: Date.now(),
      ...more,
    });
  }

  announce(backend: Backend, instance: Instance = this.instance(), record?: OwnRecord): AnnounceRun {
    const writer = this.#writers.get(backend) ?? backend;
    const announcing = new AnnounceRun(writer, instance, this.timeoutMs, record);
    this.#announceRuns.push(announcing);
    return announcing;
  }

  async announced(
    backend: Backend,
    instance: Instance = this.instance(),
    record?: OwnRecord,
  ): Promise<AnnounceRun> {
    const announcing = this.announce(backend, instance, record);
    await announcing.registered();
    return announcing;
  }

  observe(backend: Backend, service: string = this.service): ObserveRun {
    return this.#add(new ObserveRun(backend, service, this.timeoutMs));
  }

  observeAll(backend: Backend): ObserveRun {
    return this.#add(new ObserveRun(backend, undefined, this.timeoutMs));
  }

  /**
   * Retries a session that fails with a DiscoveryError until the timeout, as the core does: after an outage a backend may need
   * longer to reconnect than others.
   * @throws the last error of `session`.
   */
  async retry<T>(session: () => Promise<T>): Promise<T> {
    const deadline = performance.now() + this.timeoutMs;
    for (;;) {
      try {
        return await session();
      } catch (error) {
        const isRetryable =
          error instanceof DiscoveryError || (error as Error).cause instanceof DiscoveryError;
        if (!isRetryable || performance.now() > deadline) throw error;
        await setTimeout(50);
      }
    }
  }

  /** Ends all sessions. @throws {Error} when one does not end as it should. */
  async end(): Promise<void> {
    await Promise.all([
      ...this.#observeRuns.map((run) => run.stop()),
      ...this.#announceRuns.map((run) => run.leave()),
    ]);
    await Promise.all(this.#backends.map((backend) => backend.close()));
  }

  #add(observing: ObserveRun): ObserveRun {
    this.#observeRuns.push(observing);
    return observing;
  }
}
