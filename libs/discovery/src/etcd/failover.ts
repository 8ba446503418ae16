import { randomInt } from 'node:crypto';
import { connect } from 'node:http2';
import type { DiscoveryError } from '../model/errors.js';
import { sleep, startTimer } from '../runtime/timers.js';
import { Endpoint, type Etcd3Package } from './endpoint.js';
import type { EtcdSettings } from './options.js';

/** Delay between two probes of an endpoint whose connection is stuck, in ms. */
const probeIntervalMs = 300;
const probeTimeoutMs = 500;

/** The endpoints of one cluster. One is used until it fails, then the next. */
export class Failover {
  readonly #etcd3: Etcd3Package;
  readonly #endpoints: Endpoint[];
  readonly #tls: EtcdSettings['tls'];
  readonly #closed = new AbortController();
  readonly #probed = new Set<Endpoint>();
  #index: number;

  constructor(etcd3: Etcd3Package, { hosts, tls }: Pick<EtcdSettings, 'hosts' | 'tls'>) {
    this.#etcd3 = etcd3;
    this.#tls = tls;
    this.#endpoints = hosts.map((host) => new Endpoint(etcd3, host, tls));
    this.#index = randomInt(hosts.length);
  }

  get current(): Endpoint {
    return this.#endpoints[this.#index]!;
  }

  /** Switches to the next endpoint if `endpoint` was unavailable. */
  failOver(endpoint: Endpoint, { code }: DiscoveryError): void {
    if (code !== 'REGISTRY_UNAVAILABLE') return;
    if (this.current === endpoint) this.#index = (this.#index + 1) % this.#endpoints.length;
    void this.#replaceIfStuck(endpoint);
  }

  close(): void {
    this.#closed.abort();
    for (const endpoint of this.#endpoints) endpoint.close();
  }

  /**
   * grpc-js has no connect timeout (grpc/grpc-node#2785): a connection attempt into a black hole hangs for two minutes, one
   * that a proxy has accepted and forgotten for ever. While one hangs, probe the endpoint ourselves; once a probe
   * succeeds, replace the channel.
   */
  async #replaceIfStuck(endpoint: Endpoint): Promise<void> {
    const { signal } = this.#closed;
    if (this.#probed.has(endpoint)) return;
    this.#probed.add(endpoint);
    while (!signal.aborted && (await endpoint.isConnecting())) {
      const isReachable = await acceptsHttp2(endpoint.host, this.#tls, signal);
      if (isReachable && !signal.aborted && (await endpoint.isConnecting())) this.#replace(endpoint);
      else await sleep(probeIntervalMs, signal);
    }
    this.#probed.delete(endpoint);
  }

  #replace(endpoint: Endpoint): void {
    const index = this.#endpoints.indexOf(endpoint);
    if (index >= 0) this.#endpoints[index] = new Endpoint(this.#etcd3, endpoint.host, this.#tls);
    void endpoint.abandon();
  }
}

/** Whether `host` completes an HTTP/2 handshake in time. Never throws; leaves no connection. */
function acceptsHttp2(host: string, tls: EtcdSettings['tls'], signal: AbortSignal): Promise<boolean> {
  return new Promise((resolve) => {
    const { serverName: servername, ...pem } = typeof tls === 'object' ? tls : {};
    const scheme = tls === false ? 'http' : 'https';
    const session = connect(`${scheme}://${host}`, { ...pem, ...(servername && { servername }) });
    const settle = (isReachable: boolean) => {
      cancel();
      signal.removeEventListener('abort', fail);
      session.destroy();
      resolve(isReachable);
    };
    const fail = () => settle(false);
    const cancel = startTimer(probeTimeoutMs, fail);
    signal.addEventListener('abort', fail);
    session.once('remoteSettings', () => settle(true));
    session.on('error', fail);
    session.unref();
  });
}
