import { type Backend, openRegistry } from '@rollcall/discovery';
import { srvBackend } from '@rollcall/discovery/srv';
import type { AllowedDifferences } from '@rollcall/discovery/testing';
import { freePort, type RegistryLocation } from '@rollcall/tools';
import { ConsulEnvironment } from './consul-environment.js';
import { DnsProxy } from './dns-proxy.js';
import type { Connection, ConnectOptions, RegistryEnvironment } from './environment.js';

const name = '{service}.service.consul';
const times = { minIntervalMs: 200, maxIntervalMs: 2_000, requestTimeoutMs: 500 };

/** Instances are registered in Consul, and watched through its DNS port. */
export class SrvEnvironment implements RegistryEnvironment {
  readonly kind = 'srv';
  /** Consul's DNS gives records a TTL of 0. A lookup may take five times the timeout of a request. */
  readonly noticeWithinMs = times.minIntervalMs + 5 * times.requestTimeoutMs;
  readonly allows: AllowedDifferences;
  readonly #consul: ConsulEnvironment;
  readonly #dns: { readonly host: string; readonly port: number };

  private constructor(consul: ConsulEnvironment, dnsPort: number) {
    this.#consul = consul;
    this.#dns = { host: consul.server.host, port: dnsPort };
    const because = 'an SRV record has an address and a weight';
    this.allows = {
      watchOnly: { because: 'DNS can only be read', writer: () => consul.backend() },
      losesFields: {
        fields: ['id', 'tags', 'metadata', 'protocol', 'version', 'zone', 'registeredAt'],
        because,
      },
      lacksDraining: { because },
    };
  }

  static async start(location: RegistryLocation): Promise<SrvEnvironment> {
    const port = await freePort();
    return new SrvEnvironment(await ConsulEnvironment.start(location, { args: [`-dns-port=${port}`] }), port);
  }

  get version() {
    return this.#consul.version;
  }
  get ttlMs() {
    return this.#consul.ttlMs;
  }
  get recoveryDeadlineMs() {
    return this.#consul.recoveryDeadlineMs;
  }
  get operator() {
    return this.#consul.operator;
  }
  /** Of Consul. */
  url(ttlMs?: number): string {
    return this.#consul.url(ttlMs);
  }
  /** To Consul. */
  connect(options?: ConnectOptions) {
    return this.#consul.connect(options);
  }

  async connectWatcher({
    ttlMs: _ttl,
    requestTimeoutMs = times.requestTimeoutMs,
    ...options
  }: ConnectOptions = {}) {
    const proxy = await DnsProxy.start(this.#dns);
    const { minIntervalMs, maxIntervalMs } = times;
    const parameters = `minIntervalMs=${minIntervalMs}&maxIntervalMs=${maxIntervalMs}&requestTimeoutMs=${requestTimeoutMs}`;
    const registry = await openRegistry(`srv://${proxy.host}:${proxy.port}/${name}?${parameters}`, options);
    const connection: Connection & { readonly dns: DnsProxy } = {
      registry,
      proxy: undefined,
      dns: proxy,
      async close() {
        await registry.close();
        await proxy.close();
      },
    };
    return connection;
  }

  backend(): Backend {
    return srvBackend({ servers: [this.#dns], names: [name], ...times });
  }

  kill(): Promise<void> {
    return this.#consul.kill();
  }
  start(options?: { readonly wipe?: boolean }): Promise<void> {
    return this.#consul.start(options);
  }
  freeze(): Promise<void> {
    return this.#consul.freeze();
  }
  thaw(): Promise<void> {
    return this.#consul.thaw();
  }
  checkpoint() {
    return this.#consul.checkpoint();
  }
  repair(): Promise<void> {
    return this.#consul.repair();
  }
  close(): Promise<void> {
    return this.#consul.close();
  }
}
