import { type Backend } from '@rollcall/discovery';
import { consulBackend, type ConsulOptions } from '@rollcall/discovery/consul';
import type { RegistryServer } from '@rollcall/tools';
import { Announcing, consulApi, someInstance, Watching } from './sessions.js';

/** What health says of a service, raw. */
export interface Entry {
  readonly Node: { readonly Node: string };
  readonly Service: {
    readonly ID: string;
    readonly CreateIndex: number;
    readonly Weights: { readonly Passing: number };
  };
  readonly Checks: readonly {
    readonly CheckID: string;
    readonly Status: string;
    readonly Type: string;
    readonly Output: string;
  }[];
}

/** A real Consul, and what a test does with it. */
export class ConsulBench {
  readonly server: RegistryServer;
  readonly api: ReturnType<typeof consulApi>;
  readonly #backends: Backend[] = [];
  readonly #sessions: (() => Promise<void>)[] = [];

  constructor(server: RegistryServer) {
    this.server = server;
    this.api = consulApi(server);
  }

  /** With waits and deadlines short enough for a test. */
  consul(options: ConsulOptions = {}): Backend {
    const { host, port } = this.server;
    const backend = consulBackend({ host, port, waitMs: 2_000, requestTimeoutMs: 1_000, ...options });
    this.#backends.push(backend);
    return backend;
  }

  /** Resolves once it is registered. */
  async announce(instance = someInstance(), by = this.consul()): Promise<Announcing> {
    const announcing = await Announcing.registered(by, instance);
    this.#sessions.push(() => announcing.leave());
    return announcing;
  }

  watch(service?: string, by = this.consul()): Watching {
    const watching = new Watching(by, service);
    this.#sessions.push(() => watching.stop());
    return watching;
  }

  async entry(id: string): Promise<Entry | undefined> {
    const entries = (await this.api('GET', 'health/service/inventory')) as Entry[];
    return entries.find(({ Service }) => Service.ID === id);
  }

  /** Writes a record as somebody else would, with a TTL check. */
  put(record: { ID: string; Port: number; [field: string]: unknown }, status = 'passing'): Promise<unknown> {
    return this.api('PUT', 'agent/service/register', {
      Name: 'inventory',
      Address: '127.0.0.1',
      Check: { TTL: '60s', Status: status },
      ...record,
    });
  }

  /** Ends what the test before left open. */
  async tidy(): Promise<void> {
    await Promise.all(this.#sessions.splice(0).map((end) => end()));
    await Promise.all(this.#backends.splice(0).map((backend) => backend.close()));
  }
}
