import {
  type Backend,
  defineInstance,
  DiscoveryError,
  type Instance,
  type InstanceInit,
  type ObservedSet,
  type OwnRecord,
} from '@rollcall/discovery';
import { announce } from '@rollcall/discovery/testing';
import { until } from '@rollcall/tools';

/** Longer than any TTL or wait of the tests, in ms. */
const deadlineMs = 10_000;

let nextPort = 10_000;

/** An instance with an id and port of its own: real servers keep the records of earlier tests. */
export function newInstance(more: Partial<InstanceInit> = {}): Instance {
  const port = nextPort++;
  const init = { id: `inventory-${port}`, service: 'inventory', host: '127.0.0.1', port };
  return defineInstance({ ...init, registeredAt: Date.now(), ...more });
}

/** One announcement, run as the core runs it. */
export class Announcement {
  readonly instance: Instance;
  readonly record: OwnRecord;
  readonly #stop = new AbortController();
  readonly #ended: Promise<DiscoveryError | undefined>;
  #registered = false;
  #error: DiscoveryError | undefined;

  /** `record` is that of an earlier announcement of the same registration. */
  constructor(backend: Backend, instance: Instance, record: OwnRecord = backend.ownRecord(instance)) {
    this.instance = instance;
    this.record = record;
    const session = { signal: this.#stop.signal, registered: () => void (this.#registered = true) };
    this.#ended = announce(record, instance, session).then(
      () => undefined,
      (error: unknown) =>
        (this.#error = DiscoveryError.from(error, 'REGISTRY_UNAVAILABLE', 'not a DiscoveryError')),
    );
  }

  static async registered(backend: Backend, instance: Instance, record?: OwnRecord): Promise<Announcement> {
    const announcement = new Announcement(backend, instance, record);
    await until(() => announcement.#registered || announcement.#error !== undefined, {
      deadlineMs,
      everyMs: 5,
      describe: () => `${instance.id} to be registered`,
    });
    if (announcement.#error) throw announcement.#error;
    return announcement;
  }

  /** What it has thrown so far. */
  get error(): DiscoveryError | undefined {
    return this.#error;
  }

  /** Waits until it throws. */
  async failure(): Promise<DiscoveryError> {
    return until(() => this.#error, { deadlineMs, describe: () => `${this.instance.id} to be lost` });
  }

  /** Resolves when it is deregistered, or has failed before. */
  async deregister(): Promise<void> {
    this.#stop.abort();
    await this.#ended;
  }
}

/** One watch, and every set it has received. */
export class Watcher {
  readonly sets: ObservedSet[] = [];
  readonly rejected: string[] = [];
  readonly #stop = new AbortController();
  readonly #ended: Promise<void>;
  #error: DiscoveryError | undefined;

  constructor(backend: Backend, service?: string) {
    const session = { signal: this.#stop.signal, rejected: (key: string) => void this.rejected.push(key) };
    this.#ended = this.#collect(
      service === undefined ? backend.observeAll(session) : backend.observe(service, session),
    ).catch((error: unknown) => {
      this.#error = DiscoveryError.from(error, 'REGISTRY_UNAVAILABLE', 'not a DiscoveryError');
    });
  }

  async #collect(sets: AsyncIterable<ObservedSet>): Promise<void> {
    for await (const set of sets) this.sets.push(set);
  }

  /** Waits for a set that fulfils the condition, and returns it. */
  async until(what: string, condition: (instances: readonly Instance[]) => boolean): Promise<ObservedSet> {
    return until(
      () => {
        if (this.#error) throw this.#error;
        const set = this.sets.at(-1);
        return set && condition(set.instances) ? set : undefined;
      },
      { deadlineMs, everyMs: 5, describe: () => `${what}; last set: ${JSON.stringify(this.sets.at(-1))}` },
    );
  }

  async untilListed(id: string, more: Partial<Instance> = {}): Promise<Instance> {
    const fits = (instance: Instance) =>
      instance.id === id &&
      Object.entries({ draining: undefined, ...more }).every(
        ([key, value]) => instance[key as keyof Instance] === value,
      );
    const { instances } = await this.until(`${id} ${JSON.stringify(more)}`, (all) => all.some(fits));
    return instances.find(fits) as Instance;
  }

  async untilGone(id: string): Promise<void> {
    await this.until(`${id} to be gone`, (instances) => instances.every((instance) => instance.id !== id));
  }

  /** Waits until the watch throws. */
  async failure(): Promise<DiscoveryError> {
    return until(() => this.#error, { deadlineMs: 20_000, describe: () => 'the watch to fail' });
  }

  async stop(): Promise<void> {
    this.#stop.abort();
    await this.#ended;
  }
}
