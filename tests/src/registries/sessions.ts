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

/** Long enough for a cure that takes a TTL or a wait of the tests, in ms; what is slower is broken. */
const deadlineMs = 10_000;

let nextPort = 10_000;

/** An instance that nobody else has: real servers keep what the test before left. */
export function someInstance(more: Partial<InstanceInit> = {}): Instance {
  const port = nextPort++;
  const init = { id: `inventory-${port}`, service: 'inventory', host: '127.0.0.1', port };
  return defineInstance({ ...init, registeredAt: Date.now(), ...more });
}

/** One announcement, as the core would run it. */
export class Announcing {
  readonly instance: Instance;
  readonly record: OwnRecord;
  readonly #leave = new AbortController();
  readonly #ended: Promise<DiscoveryError | undefined>;
  #registered = false;
  #error: DiscoveryError | undefined;

  constructor(backend: Backend, instance: Instance, record: OwnRecord = backend.ownRecord(instance)) {
    this.instance = instance;
    this.record = record;
    const session = { signal: this.#leave.signal, registered: () => void (this.#registered = true) };
    this.#ended = announce(record, instance, session).then(
      () => undefined,
      (error: unknown) =>
        (this.#error = DiscoveryError.from(error, 'REGISTRY_UNAVAILABLE', 'not a DiscoveryError')),
    );
  }

  static async registered(backend: Backend, instance: Instance, record?: OwnRecord): Promise<Announcing> {
    const announcing = new Announcing(backend, instance, record);
    await until(() => announcing.#registered || announcing.#error !== undefined, {
      deadlineMs,
      everyMs: 5,
      describe: () => `${instance.id} to be registered`,
    });
    if (announcing.#error) throw announcing.#error;
    return announcing;
  }

  /** What it has thrown. */
  get error(): DiscoveryError | undefined {
    return this.#error;
  }

  /** What it will throw. */
  async failure(): Promise<DiscoveryError> {
    return until(() => this.#error, { deadlineMs, describe: () => `${this.instance.id} to be lost` });
  }

  /** Resolves when it has left, or has failed before. */
  async leave(): Promise<void> {
    this.#leave.abort();
    await this.#ended;
  }
}

/** One watch, and all it has seen. */
export class Watching {
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

  /** Waits until the newest set is one that `holds`, and returns it. */
  async until(what: string, holds: (instances: readonly Instance[]) => boolean): Promise<ObservedSet> {
    return until(
      () => {
        if (this.#error) throw this.#error;
        const set = this.sets.at(-1);
        return set && holds(set.instances) ? set : undefined;
      },
      { deadlineMs, everyMs: 5, describe: () => `${what}; last seen: ${JSON.stringify(this.sets.at(-1))}` },
    );
  }

  async untilHas(id: string, more: Partial<Instance> = {}): Promise<Instance> {
    const fits = (instance: Instance) =>
      instance.id === id &&
      Object.entries({ draining: undefined, ...more }).every(
        ([key, value]) => instance[key as keyof Instance] === value,
      );
    const { instances } = await this.until(`${id} ${JSON.stringify(more)}`, (all) => all.some(fits));
    return instances.find(fits) as Instance;
  }

  async untilHasNot(id: string): Promise<void> {
    await this.until(`${id} to be gone`, (instances) => instances.every((instance) => instance.id !== id));
  }

  /** What the watch throws. */
  async failure(): Promise<DiscoveryError> {
    return until(() => this.#error, { deadlineMs: 20_000, describe: () => 'the watch to fail' });
  }

  async stop(): Promise<void> {
    this.#stop.abort();
    await this.#ended;
  }
}

/** Consul's HTTP API, as an operator uses it. */
export function consulApi(server: { readonly host: string; readonly port: number }, token?: string) {
  return async (method: 'GET' | 'PUT' | 'DELETE', path: string, body?: object): Promise<unknown> => {
    const response = await fetch(`http://${server.host}:${server.port}/v1/${path}`, {
      method,
      ...(body && { body: JSON.stringify(body) }),
      ...(token !== undefined && { headers: { 'X-Consul-Token': token } }),
      signal: AbortSignal.timeout(5_000),
    });
    const text = await response.text();
    if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${text}`);
    return text.startsWith('{') || text.startsWith('[') ? JSON.parse(text) : text;
  };
}
