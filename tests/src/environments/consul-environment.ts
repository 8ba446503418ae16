import type { Backend, Instance } from '@rollcall/discovery';
import { consulBackend } from '@rollcall/discovery/consul';
import { type RegistryLocation, type RegistryServer, startRegistryAt, until } from '@rollcall/tools';
import { ConsulAgent } from './consul-agent.js';
import type { ConnectOptions, Operator, RegistryEnvironment } from './environment.js';
import { chunksOf, type HttpAddress, httpApi, inParallel } from './http-api.js';
import { connectThroughProxy } from './proxied-connection.js';

const waitMs = 2_000;
const defaultRequestTimeoutMs = 1_000;

/** A Consul server, used directly or through a client agent. */
export class ConsulEnvironment implements RegistryEnvironment {
  readonly kind = 'consul';
  readonly ttlMs = 2_000;
  readonly noticeWithinMs = (waitMs * 17) / 16 + defaultRequestTimeoutMs;
  readonly recoveryDeadlineMs: number;
  readonly version: string;
  readonly operator: Operator;
  readonly server: RegistryServer;
  readonly location: RegistryLocation;
  startNote: string | undefined;
  readonly #client: ConsulAgent | undefined;
  readonly #token: string | undefined;
  #frozen = false;

  private constructor(
    location: RegistryLocation,
    server: RegistryServer,
    { client, token }: { client?: ConsulAgent; token?: string | undefined } = {},
  ) {
    this.location = location;
    this.server = server;
    this.#client = client;
    this.#token = token;
    this.version = server.version;
    // A client agent reconnects to its server with a backoff of its own.
    this.recoveryDeadlineMs = client ? 60_000 : 20_000;
    this.operator = new ConsulOperator(this.agent, server);
  }

  /** `token` is used by instances and watchers. */
  static async start(
    location: RegistryLocation,
    { args = [], token }: { readonly args?: readonly string[]; readonly token?: string } = {},
  ): Promise<ConsulEnvironment> {
    return new ConsulEnvironment(location, await startRegistryAt(location, { args }), { token });
  }

  static async startWithClient(location: RegistryLocation): Promise<ConsulEnvironment> {
    if (location.how !== 'binary') throw new Error('a client agent needs a server that runs as a binary');
    const server = await startRegistryAt(location);
    const client = await ConsulAgent.join(server, location.path, 'client');
    return new ConsulEnvironment(location, server, { client });
  }

  /** Whether clients use it through a client agent. */
  get throughClient(): boolean {
    return this.#client !== undefined;
  }

  /** The agent that clients use: the client agent, else the server. */
  get agent(): HttpAddress {
    return this.#client ?? this.server;
  }

  /** Kills {@link agent} and starts it without any state. */
  async restartAgentWiped(): Promise<void> {
    if (this.#client) return this.#client.start({ wipe: true });
    await this.server.kill();
    await this.server.start({ wipe: true });
  }

  /**
   * Resolves when the agent answers queries about its servers and about itself. Both take a while after an outage: the
   * agent keeps its own records locked while it tries to reach a server that is down.
   */
  async untilAgentAnswers(): Promise<void> {
    const answers = async () => {
      for (const path of ['/v1/agent/services', '/v1/catalog/services'])
        await httpApi(this.agent, 'GET', path);
      return true;
    };
    await until(() => answers().catch(() => false), {
      deadlineMs: 60_000,
      everyMs: 10,
      describe: () => 'the agent to answer',
    });
  }

  url(ttlMs = this.ttlMs): string {
    return this.#urlAt(this.agent, ttlMs);
  }

  connect({ ttlMs = this.ttlMs, requestTimeoutMs, ...options }: ConnectOptions = {}) {
    const { host, port } = this.agent;
    return connectThroughProxy(
      { host, port },
      (proxy) => this.#urlAt(proxy, ttlMs, requestTimeoutMs),
      options,
    );
  }

  backend(): Backend {
    const { host, port } = this.agent;
    return consulBackend({ host, port });
  }

  kill(): Promise<void> {
    return this.server.kill();
  }
  async start(options?: { readonly wipe?: boolean }): Promise<void> {
    await this.server.start(options);
    this.startNote = undefined;
    if (!this.#client) return;
    const from = performance.now();
    await this.untilAgentAnswers();
    const seconds = ((performance.now() - from) / 1_000).toFixed(2);
    this.startNote = `measured from when the agent answered, ${seconds} s after its server`;
  }
  async freeze(): Promise<void> {
    this.#frozen = true;
    await this.server.freeze();
  }
  async thaw(): Promise<void> {
    if (this.#frozen) await this.server.thaw();
    this.#frozen = false;
  }

  /** A snapshot of the whole store, restored by Consul itself. Its index goes backwards. */
  async checkpoint() {
    const { host, port } = this.server;
    const response = await fetch(`http://${host}:${port}/v1/snapshot`, {
      signal: AbortSignal.timeout(10_000),
    });
    const snapshot = new Uint8Array(await response.arrayBuffer());
    return async () => void (await httpApi(this.server, 'PUT', '/v1/snapshot', snapshot));
  }

  async repair(): Promise<void> {
    await this.thaw();
    const leader = await httpApi(this.server, 'GET', '/v1/status/leader').catch(() => undefined);
    if (!leader) await this.start();
  }

  async close(): Promise<void> {
    await this.#client?.stop();
    await this.server.stop();
  }

  #urlAt({ host, port }: HttpAddress, ttlMs: number, requestTimeoutMs = defaultRequestTimeoutMs): string {
    const options = { ttlMs, waitMs, requestTimeoutMs, ...(this.#token && { token: this.#token }) };
    return `consul://${host}:${port}?${Object.entries(options)
      .map(([name, value]) => `${name}=${value}`)
      .join('&')}`;
  }
}

/** Consul's default limit on the operations of one transaction. */
const maxOperations = 64;
/** The catalog node of all unreadable records that are written at once. */
const unreadableNode = 'unreadable';

class ConsulOperator implements Operator {
  readonly #agent: HttpAddress;
  readonly #server: RegistryServer;

  constructor(agent: HttpAddress, server: RegistryServer) {
    this.#agent = agent;
    this.#server = server;
  }

  async records(service: string) {
    const found = (await httpApi(this.#server, 'GET', `/v1/catalog/service/${service}`)) as {
      ServiceID: string;
      ServiceAddress: string;
      ServicePort: number;
    }[];
    return found
      .map(({ ServiceID, ServiceAddress, ServicePort }) => `${ServiceID} ${ServiceAddress}:${ServicePort}`)
      .toSorted();
  }

  async deleteRecord({ id }: Instance) {
    await httpApi(this.#agent, 'PUT', `/v1/agent/service/deregister/${id}`);
  }

  async deleteAll(service: string) {
    const ids = (await this.records(service)).map((record) => record.split(' ')[0]);
    await Promise.all(ids.map((id) => httpApi(this.#agent, 'PUT', `/v1/agent/service/deregister/${id}`)));
  }

  async overwrite({ service, id, host, port, registeredAt }: Instance) {
    const Meta = { rollcall: 'rollcall', 'rollcall-registered-at': String(registeredAt) };
    const Check = { TTL: '600s', Status: 'passing' };
    const record = { Name: service, ID: id, Address: host, Port: port, Meta, Check };
    await httpApi(this.#agent, 'PUT', '/v1/agent/service/register', record);
  }

  async loseLease({ id }: Instance) {
    await httpApi(this.#agent, 'PUT', `/v1/agent/check/deregister/service:${id}`);
  }

  /** Only what Consul accepts: it validates JSON, sizes and most types itself. */
  async writeUnreadableSamples(service: string) {
    const records: Record<string, object> = {
      'no-port': { Address: '127.0.0.1', Port: 0 },
      'bad-port': { Address: '127.0.0.1', Port: 99_999 },
      'negative-port': { Address: '127.0.0.1', Port: -1 },
      'bad-address': { Address: 'no host at all', Port: 80 },
      'large-tag': { Address: '127.0.0.1', Port: 80, Tags: ['x'.repeat(200_000)] },
    };
    const written: string[] = [];
    for (const [id, record] of Object.entries(records)) {
      const body = { Name: service, ID: `${service}-${id}`, ...record };
      const accepted = await httpApi(this.#agent, 'PUT', '/v1/agent/service/register', body).then(
        () => true,
        (error: unknown) => {
          if (String(error).includes(': 400 ')) return false;
          throw error;
        },
      );
      if (accepted) written.push(`${service}-${id}`);
    }
    return written;
  }

  /** Directly in the catalog, bypassing the agent. */
  async writeUnreadable(service: string, count: number) {
    const Node = unreadableNode;
    await httpApi(this.#server, 'PUT', '/v1/catalog/register', { Node, Address: '127.0.0.1' });
    const ids = Array.from({ length: count }, (_, i) => `${service}-unreadable-${i}`);
    for (const some of chunksOf(ids, maxOperations)) {
      const operations = some.map((ID) => ({
        Service: { Verb: 'set', Node, Service: { ID, Service: service, Address: '127.0.0.1', Port: 0 } },
      }));
      await httpApi(this.#server, 'PUT', '/v1/txn', operations);
    }
  }

  async deleteUnreadable() {
    await httpApi(this.#server, 'PUT', '/v1/catalog/deregister', { Node: unreadableNode });
  }

  async churn(count: number) {
    const keys = Array.from({ length: count }, (_, i) => `churn/${i % 20}`);
    await inParallel(keys, 20, (key) => httpApi(this.#server, 'PUT', `/v1/kv/${key}`, { key }));
  }
}
