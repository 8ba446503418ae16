import { randomUUID } from 'node:crypto';
import { setTimeout } from 'node:timers/promises';
import type { Backend, OwnRecord } from '../../backend/backend.js';
import { DiscoveryError } from '../../model/errors.js';
import { defineInstance, type Instance, type InstanceInit } from '../../model/instance.js';
import { Announcing } from './announcing.js';
import type { ConformanceHarness } from './harness.js';
import { Observing } from './observing.js';

let lastPort = 20_000;

/** One run of one case: makes what it needs, under names that nobody else has, and clears up after it. */
export class Trial {
  /** A service that nobody served before. */
  readonly service = `goods-${randomUUID().slice(0, 8)}`;
  readonly harness: ConformanceHarness;
  readonly patienceMs: number;
  readonly #backends: Backend[] = [];
  readonly #announcing: Announcing[] = [];
  readonly #observing: Observing[] = [];

  constructor(harness: ConformanceHarness) {
    this.harness = harness;
    this.patienceMs = harness.patienceMs ?? 10_000;
  }

  async open(): Promise<Backend> {
    const backend = await this.harness.open();
    this.#backends.push(backend);
    return backend;
  }

  /** An instance of {@link service}, unless `more` says otherwise. */
  instance(more: Partial<InstanceInit> = {}): Instance {
    lastPort += 1;
    return defineInstance({
      id: `${this.service}-${lastPort}`,
      service: this.service,
      host: '127.0.0.1',
      port: lastPort,
      registeredAt: Date.now(),
      ...more,
    });
  }

  announce(backend: Backend, instance: Instance = this.instance(), record?: OwnRecord): Announcing {
    const announcing = new Announcing(backend, instance, this.patienceMs, record);
    this.#announcing.push(announcing);
    return announcing;
  }

  async announced(
    backend: Backend,
    instance: Instance = this.instance(),
    record?: OwnRecord,
  ): Promise<Announcing> {
    const announcing = this.announce(backend, instance, record);
    await announcing.registered();
    return announcing;
  }

  observe(backend: Backend, service: string = this.service): Observing {
    return this.#keep(new Observing(backend, service, this.patienceMs));
  }

  observeAll(backend: Backend): Observing {
    return this.#keep(new Observing(backend, undefined, this.patienceMs));
  }

  /**
   * As the core does it after an outage: a session that ends with an error of its own is opened anew, until the patience is at its end. A
   * backend may still be waiting to connect again when the registry already answers others.
   * @throws what `session` threw last.
   */
  async again<T>(session: () => Promise<T>): Promise<T> {
    const until = performance.now() + this.patienceMs;
    for (;;) {
      try {
        return await session();
      } catch (error) {
        const itsOwn = error instanceof DiscoveryError || (error as Error).cause instanceof DiscoveryError;
        if (!itsOwn || performance.now() > until) throw error;
        await setTimeout(50);
      }
    }
  }

  /** @throws {Error} when a session does not end as it should: every case tries that, too. */
  async end(): Promise<void> {
    await Promise.all([
      ...this.#observing.map((observing) => observing.stop()),
      ...this.#announcing.map((announcing) => announcing.leave()),
    ]);
    await Promise.all(this.#backends.map((backend) => backend.close()));
  }

  #keep(observing: Observing): Observing {
    this.#observing.push(observing);
    return observing;
  }
}
