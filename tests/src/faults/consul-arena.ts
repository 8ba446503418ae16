import type { Instance } from '@rollcall/discovery';
import { type RegistryLocation, type RegistryServer, startRegistryAt, until } from '@rollcall/tools';
import type { Arena, ConnectOptions, Operator } from './arena.js';
import { connectedThrough } from './connected.js';
import { ConsulAgent } from './consul-agent.js';
import { ask, chunksOf, inParallel } from './http-api.js';

const waitMs = 2_000;
const requestTimeoutMs = 1_000;

/** A Consul server, used directly or through a client agent of its own. */
export class ConsulArena implements Arena {
  readonly kind = 'consul';
  readonly ttlMs = 2_000;
  readonly silenceMs = (waitMs * 17) / 16 + requestTimeoutMs;
  readonly patienceMs: number;
  readonly version: string;
  readonly operator: Operator;
  readonly server: RegistryServer;
  /** Where its program comes from. */
  readonly location: RegistryLocation;
  startNote: string | undefined;
  readonly #client: ConsulAgent | undefined;
  #frozen = false;

  readonly #token: string | undefined;

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
    // A client agent finds its server again in its own time.
    this.patienceMs = client ? 60_000 : 20_000;
    this.operator = new ConsulOperator(this.agent, server);
  }

  /** `args` for the server, and the token that instances and watchers come with. */
  static async start(
    location: RegistryLocation,
    { args = [], token }: { readonly args?: readonly string[]; readonly token?: string } = {},
  ): Promise<ConsulArena> {
    return new ConsulArena(location, await startRegistryAt(location, { args }), { token });
  }

  static async startWithClient(location: RegistryLocation): Promise<ConsulArena> {
    if (location.how !== 'binary')
      throw new Error('a client agent runs beside its server: as a program only');
    const server = await startRegistryAt(location);
    const client = await ConsulAgent.join(server, location.path, 'client');
    return new ConsulArena(location, server, { client });
  }

  /** Whether an agent stands between it and those who use it. */
  get throughClient(): boolean {
    return this.#client !== undefined;
  }

  /** The one that instances and watchers speak to. */
  get agent(): { readonly host: string; readonly port: number } {
    return this.#client ?? this.server;
  }

  /** Kills the agent that instances speak to, and starts it with nothing in its memory or on its disk. */
  async restartAgentWiped(): Promise<void> {
    if (this.#client) return this.#client.start({ wipe: true });
    await this.server.kill();
    await this.server.start({ wipe: true });
  }

  /**
   * Resolves when the agent answers again, of its servers and of itself. Both take it a while after an outage: it holds its
   * own records locked for as long as it tries to reach a server that is away.
   */
  async untilServed(): Promise<void> {
    const answers = async () => {
      for (const path of ['/v1/agent/services', '/v1/catalog/services']) await ask(this.agent, 'GET', path);
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

  connect({ ttlMs = this.ttlMs, ...options }: ConnectOptions = {}) {
    const { host, port } = this.agent;
    return connectedThrough({ host, port }, (proxy) => this.#urlAt(proxy, ttlMs), options);
  }

  kill(): Promise<void> {
    return this.server.kill();
  }
  async start(options?: { readonly wipe?: boolean }): Promise<void> {
    await this.server.start(options);
    this.startNote = undefined;
    if (!this.#client) return;
    const from = performance.now();
    await this.untilServed();
    const seconds = ((performance.now() - from) / 1_000).toFixed(2);
    this.startNote = `from when the agent answered, ${seconds} s after its server`;
  }
  async freeze(): Promise<void> {
    this.#frozen = true;
    await this.server.freeze();
  }
  async thaw(): Promise<void> {
    if (this.#frozen) await this.server.thaw();
    this.#frozen = false;
  }

  /** A snapshot of the whole store, put back by Consul itself. Its index goes backwards. */
  async checkpoint() {
    const { host, port } = this.server;
    const response = await fetch(`http://${host}:${port}/v1/snapshot`, {
      signal: AbortSignal.timeout(10_000),
    });
    const snapshot = new Uint8Array(await response.arrayBuffer());
    return async () => void (await ask(this.server, 'PUT', '/v1/snapshot', snapshot));
  }

  async heal(): Promise<void> {
    await this.thaw();
    const leader = await ask(this.server, 'GET', '/v1/status/leader').catch(() => undefined);
    if (!leader) await this.start();
  }

  async close(): Promise<void> {
    await this.#client?.stop();
    await this.server.stop();
  }

  #urlAt({ host, port }: { host: string; port: number }, ttlMs: number): string {
    const options = { ttlMs, waitMs, requestTimeoutMs, ...(this.#token && { token: this.#token }) };
    return `consul://${host}:${port}?${Object.entries(options)
      .map(([name, value]) => `${name}=${value}`)
      .join('&')}`;
  }
}

/** The default limit on the operations of one transaction. */
const maxOperations = 64;

class ConsulOperator implements Operator {
  readonly #agent: { readonly host: string; readonly port: number };
  readonly #server: RegistryServer;

  constructor(agent: { readonly host: string; readonly port: number }, server: RegistryServer) {
    this.#agent = agent;
    this.#server = server;
  }

  async records(service: string) {
    const found = (await ask(this.#server, 'GET', `/v1/catalog/service/${service}`)) as {
      ServiceID: string;
      ServiceAddress: string;
      ServicePort: number;
    }[];
    return found
      .map(({ ServiceID, ServiceAddress, ServicePort }) => `${ServiceID} ${ServiceAddress}:${ServicePort}`)
      .toSorted();
  }

  async deleteRecord({ id }: Instance) {
    await ask(this.#agent, 'PUT', `/v1/agent/service/deregister/${id}`);
  }

  async deleteAll(service: string) {
    const ids = (await this.records(service)).map((record) => record.split(' ')[0]);
    await Promise.all(ids.map((id) => ask(this.#agent, 'PUT', `/v1/agent/service/deregister/${id}`)));
  }

  async overwrite({ service, id, host }: Instance, port: number) {
    const Meta = { rollcall: 'rollcall', 'rollcall-registered-at': String(Date.now()) };
    const Check = { TTL: '600s', Status: 'passing' };
    const record = { Name: service, ID: id, Address: host, Port: port, Meta, Check };
    await ask(this.#agent, 'PUT', '/v1/agent/service/register', record);
  }

  async loseLease({ id }: Instance) {
    await ask(this.#agent, 'PUT', `/v1/agent/check/deregister/service:${id}`);
  }

  /** What Consul itself does not take cannot get in: it checks JSON, sizes and most types. */
  async writeGarbage(service: string) {
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
      const taken = await ask(this.#agent, 'PUT', '/v1/agent/service/register', body).then(
        () => true,
        (error: unknown) => {
          if (String(error).includes(': 400 ')) return false;
          throw error;
        },
      );
      if (taken) written.push(`${service}-${id}`);
    }
    return written;
  }

  /** Of a node of their own, straight into the catalogue. */
  async writeJunk(service: string, count: number) {
    const Node = 'junk';
    await ask(this.#server, 'PUT', '/v1/catalog/register', { Node, Address: '127.0.0.1' });
    const ids = Array.from({ length: count }, (_, i) => `${service}-junk-${i}`);
    for (const some of chunksOf(ids, maxOperations)) {
      const operations = some.map((ID) => ({
        Service: { Verb: 'set', Node, Service: { ID, Service: service, Address: '127.0.0.1', Port: 0 } },
      }));
      await ask(this.#server, 'PUT', '/v1/txn', operations);
    }
  }

  async removeJunk() {
    await ask(this.#server, 'PUT', '/v1/catalog/deregister', { Node: 'junk' });
  }

  async churn(count: number) {
    const keys = Array.from({ length: count }, (_, i) => `churn/${i % 20}`);
    await inParallel(keys, 20, (key) => ask(this.#server, 'PUT', `/v1/kv/${key}`, { key }));
  }
}
