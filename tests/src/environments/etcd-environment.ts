import { addressOf, type Backend, type Instance } from '@rollcall/discovery';
import { etcdBackend } from '@rollcall/discovery/etcd';
import type { FaultProxy } from '@rollcall/discovery/testing';
import { type RegistryLocation, type RegistryServer, startRegistryAt } from '@rollcall/tools';
import type { ConnectOptions, Operator, RegistryEnvironment } from './environment.js';
import { chunksOf, httpApi } from './http-api.js';
import { connectThroughProxy } from './proxied-connection.js';
import { unreadableValues } from './unreadable-values.js';

interface KeyValue {
  readonly key: string;
  readonly value?: string;
  readonly lease?: string;
}

/** The default limit on the operations of one transaction. */
const maxOperations = 128;

export class EtcdEnvironment implements RegistryEnvironment {
  readonly kind = 'etcd';
  readonly ttlMs = 2_000;
  readonly recoveryDeadlineMs = 15_000;
  readonly noticeWithinMs = 15_000;
  readonly version: string;
  readonly operator: Operator;
  readonly location: RegistryLocation;
  readonly #proxies = new Set<FaultProxy>();
  #server: RegistryServer;
  #frozen = false;

  private constructor(location: RegistryLocation, server: RegistryServer) {
    this.location = location;
    this.#server = server;
    this.version = server.version;
    this.operator = new EtcdOperator(() => this.#server);
  }

  static async start(location: RegistryLocation): Promise<EtcdEnvironment> {
    return new EtcdEnvironment(location, await startRegistryAt(location));
  }

  get server(): RegistryServer {
    return this.#server;
  }

  url(ttlMs = this.ttlMs): string {
    return `${this.#server.url}?ttlMs=${ttlMs}`;
  }

  async connect({ ttlMs = this.ttlMs, requestTimeoutMs = 2_000, ...options }: ConnectOptions = {}) {
    const { host, port } = this.#server;
    const connection = await connectThroughProxy(
      { host, port },
      (proxy) => `etcd://${proxy.host}:${proxy.port}?ttlMs=${ttlMs}&requestTimeoutMs=${requestTimeoutMs}`,
      options,
    );
    this.#proxies.add(connection.proxy);
    return connection;
  }

  backend(): Backend {
    return etcdBackend({ hosts: [addressOf(this.#server)] });
  }

  kill(): Promise<void> {
    return this.#server.kill();
  }
  start(options?: { readonly wipe?: boolean }): Promise<void> {
    return this.#server.start(options);
  }
  async freeze(): Promise<void> {
    this.#frozen = true;
    await this.#server.freeze();
  }
  async thaw(): Promise<void> {
    if (this.#frozen) await this.#server.thaw();
    this.#frozen = false;
  }

  /**
   * etcd restores a snapshot, with its leases, into a new cluster. To do without etcd's tools, this starts a new server and
   * writes the saved records into it.
   */
  async checkpoint(service: string) {
    const records = await rangeOf(this.#server, service);
    return async () => {
      const old = this.#server;
      const next = await startRegistryAt(this.location);
      for (const { key, value, lease } of records) {
        await httpApi(next, 'POST', '/v3/lease/grant', { ID: lease, TTL: this.ttlMs / 1_000 });
        await httpApi(next, 'POST', '/v3/kv/put', { key, value, lease });
      }
      this.#server = next;
      for (const proxy of this.#proxies) proxy.forwardTo({ host: next.host, port: next.port });
      await old.stop();
    };
  }

  async repair(): Promise<void> {
    await this.thaw();
    if (!(await answers(this.#server))) await this.#server.start();
    this.#proxies.clear();
  }

  close(): Promise<void> {
    return this.#server.stop();
  }
}

async function answers(server: RegistryServer): Promise<boolean> {
  return httpApi(server, 'GET', '/version').then(
    () => true,
    () => false,
  );
}

const base64 = (text: string) => Buffer.from(text).toString('base64');
const textOf = (coded = '') => Buffer.from(coded, 'base64').toString();
const keyOf = ({ service, id }: Pick<Instance, 'service' | 'id'>) => base64(`${service}/${id}`);

async function rangeOf(server: RegistryServer, service: string): Promise<readonly KeyValue[]> {
  const range = { key: base64(`${service}/`), range_end: base64(`${service}0`) };
  return ((await httpApi(server, 'POST', '/v3/kv/range', range)) as { kvs?: KeyValue[] }).kvs ?? [];
}

class EtcdOperator implements Operator {
  readonly #server: () => RegistryServer;

  constructor(server: () => RegistryServer) {
    this.#server = server;
  }

  async records(service: string) {
    return (await rangeOf(this.#server(), service)).map(({ key, value }) => {
      const { Addr } = JSON.parse(textOf(value)) as { Addr: string };
      return `${textOf(key).slice(service.length + 1)} ${Addr}`;
    });
  }

  async deleteRecord(instance: Instance) {
    await this.#call('kv/deleterange', { key: keyOf(instance) });
  }

  async deleteAll(service: string) {
    await this.#call('kv/deleterange', { key: base64(`${service}/`), range_end: base64(`${service}0`) });
  }

  async overwrite(instance: Instance) {
    const { ID: lease } = (await this.#call('lease/grant', { TTL: 600 })) as { ID: string };
    const value = JSON.stringify({ Op: 0, Addr: addressOf(instance), Metadata: null });
    await this.#call('kv/put', { key: keyOf(instance), value: base64(value), lease });
  }

  async loseLease(instance: Instance) {
    const found = await rangeOf(this.#server(), instance.service);
    const own = found.find(({ key }) => key === keyOf(instance));
    await this.#call('lease/revoke', { ID: own?.lease });
  }

  async writeUnreadableSamples(service: string) {
    for (const [id, value] of Object.entries(unreadableValues)) {
      await this.#call('kv/put', { key: keyOf({ service, id }), value: base64(value) });
    }
    return Object.keys(unreadableValues).map((id) => `${service}/${id}`);
  }

  async writeUnreadable(service: string, count: number) {
    await this.#putAll(
      Array.from({ length: count }, (_, i) => [keyOf({ service, id: `unreadable-${i}` }), base64('{"Op":')]),
    );
  }

  async deleteUnreadable(service: string) {
    const range = { key: base64(`${service}/unreadable-`), range_end: base64(`${service}/unreadable.`) };
    await this.#call('kv/deleterange', range);
  }

  async churn(count: number) {
    const keys = Array.from({ length: Math.ceil(count / 1_000) }, (_, i) => base64(`churn/${i}`));
    for (let written = 0; written < count; written += 20) {
      const some = Array.from({ length: 20 }, (_, i) => keys[(written + i) % keys.length]!);
      await Promise.all(some.map((key) => this.#call('kv/put', { key, value: base64(String(written)) })));
    }
  }

  async #putAll(pairs: readonly (readonly [string, string])[]) {
    for (const some of chunksOf(pairs, maxOperations)) {
      const success = some.map(([key, value]) => ({ request_put: { key, value } }));
      await this.#call('kv/txn', { success });
    }
  }

  #call(path: string, body: object): Promise<unknown> {
    return httpApi(this.#server(), 'POST', `/v3/${path}`, body);
  }
}
