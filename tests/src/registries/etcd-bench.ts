import type { Backend, OwnRecord } from '@rollcall/discovery';
import { etcdBackend, type EtcdOptions } from '@rollcall/discovery/etcd';
import type { RegistryServer } from '@rollcall/tools';
import { Announcing, someInstance, Watching } from './sessions.js';

/** A key as it stands in etcd. */
export interface StoredKey {
  readonly key: string;
  readonly value: string;
  /** '0' for none. */
  readonly lease: string;
}

/** What {@link EtcdBench} writes in the name of someone else, in the format of gRPC's own resolver. */
export const etcdRecord = (port: number) =>
  JSON.stringify({ Op: 0, Addr: `127.0.0.1:${port}`, Metadata: null });

export const keyOf = ({ service, id }: { readonly service: string; readonly id: string }) =>
  `${service}/${id}`;

const base64 = (text: string) => Buffer.from(text).toString('base64');
const plain = (text = '') => Buffer.from(text, 'base64').toString();
/** The end of a range of all keys that begin with `prefix`, which ends in a plain character. */
const endOf = (prefix: string) =>
  prefix.slice(0, -1) + String.fromCharCode(prefix.charCodeAt(prefix.length - 1) + 1);

/** A real etcd, and what a test does with it: through the library, and behind its back. */
export class EtcdBench {
  readonly server: RegistryServer;
  /** As whom the API is asked, once authentication is on. */
  login: { readonly name: string; readonly password: string } | undefined;
  /** Those that were begun in this test. */
  readonly watchings: Watching[] = [];
  readonly #backends: Backend[] = [];
  readonly #announcings: Announcing[] = [];
  readonly #written = new Set<string>();

  constructor(server: RegistryServer) {
    this.server = server;
  }

  get host(): string {
    return `${this.server.host}:${this.server.port}`;
  }

  /** With times short enough for a test. */
  etcd(options: EtcdOptions = {}): Backend {
    const backend = etcdBackend({ hosts: [this.host], ttlMs: 2_000, requestTimeoutMs: 1_000, ...options });
    this.#backends.push(backend);
    return backend;
  }

  /** Resolves once it is registered. */
  async announce(instance = someInstance(), by = this.etcd(), record?: OwnRecord): Promise<Announcing> {
    const announcing = await Announcing.registered(by, instance, record);
    this.#announcings.push(announcing);
    return announcing;
  }

  watch(service?: string, by = this.etcd()): Watching {
    const watching = new Watching(by, service);
    this.watchings.push(watching);
    return watching;
  }

  /** Ends what the test has left open, and removes what it has written. */
  async tidy(): Promise<void> {
    await Promise.all(this.#announcings.splice(0).map((announcing) => announcing.leave()));
    await Promise.all(this.watchings.splice(0).map((watching) => watching.stop()));
    await Promise.all(this.#backends.splice(0).map((backend) => backend.close()));
    const keys = [...this.#written];
    this.#written.clear();
    await this.#transact(keys.map((key) => ({ request_delete_range: { key: base64(key) } })));
  }

  async put(key: string, value: string, lease = '0'): Promise<void> {
    this.#written.add(key);
    await this.api('kv/put', { key: base64(key), value: base64(value), lease });
  }

  async putAll(records: readonly { readonly key: string; readonly value: string }[]): Promise<void> {
    for (const { key } of records) this.#written.add(key);
    await this.#transact(
      records.map(({ key, value }) => ({ request_put: { key: base64(key), value: base64(value) } })),
    );
  }

  async delete(key: string): Promise<void> {
    await this.api('kv/deleterange', { key: base64(key) });
  }

  async get(prefix: string): Promise<StoredKey[]> {
    const range = { key: base64(prefix), range_end: base64(endOf(prefix)) };
    const { kvs = [] } = (await this.api('kv/range', range)) as { kvs?: Partial<StoredKey>[] };
    return kvs.map(({ key, value, lease = '0' }) => ({ key: plain(key), value: plain(value), lease }));
  }

  async leaseOf(instance: { readonly service: string; readonly id: string }): Promise<string> {
    const [stored] = await this.get(keyOf(instance));
    if (!stored) throw new Error(`${keyOf(instance)} is not in etcd`);
    return stored.lease;
  }

  /** A lease that nobody keeps alive. */
  async grant(ttlSeconds: number): Promise<string> {
    return ((await this.api('lease/grant', { TTL: ttlSeconds })) as { ID: string }).ID;
  }

  async leases(): Promise<string[]> {
    const { leases = [] } = (await this.api('lease/leases', {})) as { leases?: { ID: string }[] };
    return leases.map(({ ID }) => ID);
  }

  /** Forgets all that was before now. */
  async compact(): Promise<void> {
    const { header } = (await this.api('kv/range', { key: base64('a') })) as { header: { revision: string } };
    await this.api('kv/compaction', { revision: header.revision, physical: true });
  }

  /** A number that etcd counts, by its name. */
  async metric(name: string): Promise<number> {
    const response = await fetch(`http://${this.host}/metrics`, { signal: AbortSignal.timeout(5_000) });
    const line = (await response.text()).split('\n').find((each) => each.startsWith(`${name} `));
    if (line === undefined) throw new Error(`etcd has no metric ${name}`);
    return Number(line.slice(name.length));
  }

  /** A hundred at a time; etcd takes 128. */
  async #transact(operations: readonly object[]): Promise<void> {
    for (let at = 0; at < operations.length; at += 100) {
      await this.api('kv/txn', { success: operations.slice(at, at + 100) });
    }
  }

  /** etcd's API as an operator uses it. */
  async api(path: string, body: object): Promise<unknown> {
    if (!this.login) return this.#post(path, body);
    const { token } = (await this.#post('auth/authenticate', this.login)) as { token: string };
    return this.#post(path, body, { Authorization: token });
  }

  async #post(path: string, body: object, headers: Record<string, string> = {}): Promise<unknown> {
    const response = await fetch(`http://${this.host}/v3/${path}`, {
      method: 'POST',
      body: JSON.stringify(body),
      headers,
      signal: AbortSignal.timeout(5_000),
    });
    const text = await response.text();
    if (!response.ok) throw new Error(`${path}: ${response.status} ${text}`);
    return JSON.parse(text);
  }
}
