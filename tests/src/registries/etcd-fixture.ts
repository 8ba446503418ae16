import type { Backend } from '@rollcall/discovery';
import { etcdBackend, type EtcdOptions } from '@rollcall/discovery/etcd';
import { chunksOf, httpApi } from '../environments/http-api.js';
import { RegistryFixture } from './registry-fixture.js';

/** A key in etcd. */
export interface StoredKey {
  readonly key: string;
  readonly value: string;
  /** '0' for no lease. */
  readonly lease: string;
}

/** A record in the format of etcd's own gRPC resolver, as another owner would write it. */
export const etcdRecord = (port: number) =>
  JSON.stringify({ Op: 0, Addr: `127.0.0.1:${port}`, Metadata: null });

export const keyOf = ({ service, id }: { readonly service: string; readonly id: string }) =>
  `${service}/${id}`;

const base64 = (text: string) => Buffer.from(text).toString('base64');
const textOf = (text = '') => Buffer.from(text, 'base64').toString();
/** The end of the range of all keys that begin with `prefix`. */
const endOf = (prefix: string) =>
  prefix.slice(0, -1) + String.fromCharCode(prefix.charCodeAt(prefix.length - 1) + 1);

/** A real etcd, and its API as an operator uses it. */
export class EtcdFixture extends RegistryFixture<EtcdOptions> {
  /** The user of the API, when authentication is on. */
  login: { readonly name: string; readonly password: string } | undefined;
  readonly #written = new Set<string>();

  get host(): string {
    return `${this.server.host}:${this.server.port}`;
  }

  protected override open(options?: EtcdOptions): Backend {
    return etcdBackend({ hosts: [this.host], ttlMs: 2_000, requestTimeoutMs: 1_000, ...options });
  }

  /** Also deletes the keys that the test wrote. */
  override async cleanUp(): Promise<void> {
    await super.cleanUp();
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
    return kvs.map(({ key, value, lease = '0' }) => ({ key: textOf(key), value: textOf(value), lease }));
  }

  async leaseOf(instance: { readonly service: string; readonly id: string }): Promise<string> {
    const [stored] = await this.get(keyOf(instance));
    if (!stored) throw new Error(`${keyOf(instance)} is not in etcd`);
    return stored.lease;
  }

  /** A lease without keepalives. */
  async grant(ttlSeconds: number): Promise<string> {
    return ((await this.api('lease/grant', { TTL: ttlSeconds })) as { ID: string }).ID;
  }

  async leases(): Promise<string[]> {
    const { leases = [] } = (await this.api('lease/leases', {})) as { leases?: { ID: string }[] };
    return leases.map(({ ID }) => ID);
  }

  /** Compacts the whole history. */
  async compact(): Promise<void> {
    const { header } = (await this.api('kv/range', { key: base64('a') })) as { header: { revision: string } };
    await this.api('kv/compaction', { revision: header.revision, physical: true });
  }

  /** The value of one of etcd's metrics. */
  async metric(name: string): Promise<number> {
    const response = await fetch(`http://${this.host}/metrics`, { signal: AbortSignal.timeout(5_000) });
    const line = (await response.text()).split('\n').find((each) => each.startsWith(`${name} `));
    if (line === undefined) throw new Error(`etcd has no metric ${name}`);
    return Number(line.slice(name.length));
  }

  /** etcd accepts 128 operations in a transaction. */
  async #transact(operations: readonly object[]): Promise<void> {
    for (const success of chunksOf(operations, 128)) await this.api('kv/txn', { success });
  }

  /** `path` comes after `/v3/`. */
  async api(path: string, body: object): Promise<unknown> {
    if (!this.login) return this.#post(path, body);
    const { token } = (await this.#post('auth/authenticate', this.login)) as { token: string };
    return this.#post(path, body, { Authorization: token });
  }

  #post(path: string, body: object, headers: Record<string, string> = {}): Promise<unknown> {
    return httpApi(this.server, 'POST', `/v3/${path}`, body, headers);
  }
}
