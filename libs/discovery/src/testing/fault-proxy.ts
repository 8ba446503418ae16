import { once } from 'node:events';
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import { assertDuration, assertInteger } from '../model/invalid-option.js';
import { startTimer } from '../runtime/timers.js';
import { type Faults, noFaults, ProxyConnection } from './fault-proxy-connection.js';

export interface FaultProxyOptions {
  /** The address to listen on. Default: loopback. */
  readonly host?: string;
  /**
   * Default 0, any free port. With {@link FaultProxy.cut}, use one below the ephemeral ports (32768 on Linux), which an
   * outgoing connection may take during the cut.
   */
  readonly port?: number;
}

export interface ProxyTarget {
  readonly host: string;
  readonly port: number;
}

/**
 * A TCP proxy in front of a registry that simulates network faults, without root. One fault at a time: each replaces the one
 * before, and {@link restore} ends it.
 *
 * ```ts
 * const proxy = await FaultProxy.start({ host: '127.0.0.1', port: 2379 });
 * const registry = await openRegistry(`etcd://127.0.0.1:${proxy.port}`);
 * await proxy.cut();
 * // ... the list is the last known good one ...
 * await proxy.restore();
 * await proxy.close();
 * ```
 */
export class FaultProxy {
  readonly host: string;
  readonly port: number;
  readonly #open = new Set<ProxyConnection>();
  readonly #faults: Faults = { ...noFaults };
  #server: Server;
  #target: ProxyTarget;
  #accepted = 0;
  #resetTimer: NodeJS.Timeout | undefined;
  /** While every second connection is refused: how long the others last, in ms. */
  #connectionLifeMs: number | undefined;

  private constructor(server: Server, target: ProxyTarget) {
    const { address, port } = server.address() as AddressInfo;
    this.host = address;
    this.port = port;
    this.#server = server;
    this.#target = target;
    this.#serve();
  }

  /** @throws {Error} EADDRINUSE and the like, when it cannot listen. */
  static async start(
    target: ProxyTarget,
    { host = '127.0.0.1', port = 0 }: FaultProxyOptions = {},
  ): Promise<FaultProxy> {
    return new FaultProxy(await listen(host, port), target);
  }

  /** Connections that are open now. */
  get connections(): number {
    return this.#open.size;
  }

  /** Connections accepted since the start. */
  get accepted(): number {
    return this.#accepted;
  }

  /** Sets the target of new connections. */
  forwardTo(target: ProxyTarget): void {
    this.#target = target;
  }

  /** Closes every connection and refuses new ones, as a host without the server does. */
  async cut(): Promise<void> {
    this.#clearFaults();
    const closed = new Promise((resolve) => this.#server.close(resolve));
    this.reset();
    await closed;
  }

  /** Accepts and keeps connections but forwards nothing: a firewall that drops packets, a peer that hangs. */
  blackHole(): void {
    this.#clearFaults();
    this.#faults.blocked = true;
  }

  /**
   * Never forwards anything again over the open connections, and closes none, as a firewall or NAT that has forgotten them.
   * New ones work. Not ended by {@link restore}.
   */
  dropConnections(): void {
    for (const connection of this.#open) connection.drop();
  }

  /** Delays both directions by `ms`. @throws {DiscoveryError} INVALID_OPTION for less than 0. */
  delay(ms: number): void {
    assertDuration('delay', ms, 0);
    this.#clearFaults();
    this.#faults.delayMs = ms;
  }

  /**
   * Delays each chunk from the server by `minMs` to `maxMs`, drawn at random; their order stays.
   * @throws {DiscoveryError} INVALID_OPTION for less than 0, or `maxMs` below `minMs`.
   */
  delayResponses(minMs: number, maxMs: number): void {
    assertDuration('minimum delay', minMs, 0);
    assertDuration('maximum delay', maxMs, minMs);
    this.#clearFaults();
    this.#faults.responseDelayMs = { min: minMs, max: maxMs };
  }

  /**
   * Forwards what the server sends byte by byte, on each connection at this rate.
   * @throws {DiscoveryError} INVALID_OPTION for less than 1.
   */
  throttleResponses(bytesPerSecond: number): void {
    assertInteger('bytes per second', bytesPerSecond, 1, 1_000_000);
    this.#clearFaults();
    this.#faults.responseBytesPerSecond = bytesPerSecond;
  }

  /**
   * Resets all open connections. Resets new connections by turns at once and after `ms`.
   * @throws {DiscoveryError} INVALID_OPTION for less than 1.
   */
  refuseEverySecond(ms: number): void {
    assertDuration('connection life', ms, 1);
    this.#clearFaults();
    this.#connectionLifeMs = ms;
    this.reset();
  }

  /** Resets (RST) every open connection, once. */
  reset(): void {
    for (const connection of this.#open) connection.reset();
  }

  /** Resets every connection each `ms`. @throws {DiscoveryError} INVALID_OPTION for less than 1. */
  resetEvery(ms: number): void {
    assertDuration('reset interval', ms, 1);
    this.#clearFaults();
    this.#resetTimer = setInterval(() => this.reset(), ms).unref();
  }

  /**
   * Calls `listener` with each chunk from the server after it was forwarded, and with a function that resets the connection.
   */
  onResponse(listener: (chunk: Buffer, reset: () => void) => void): void {
    this.#clearFaults();
    this.#faults.onResponse = listener;
  }

  /** Ends the fault. Data held back by a black hole is forwarded. */
  async restore(): Promise<void> {
    this.#clearFaults();
    if (!this.#server.listening) {
      this.#server = await listen(this.host, this.port);
      this.#serve();
    }
    for (const connection of this.#open) connection.flow();
  }

  /** Closes every connection and the server. Idempotent. */
  async close(): Promise<void> {
    await this.cut();
  }

  #clearFaults(): void {
    clearInterval(this.#resetTimer);
    this.#connectionLifeMs = undefined;
    Object.assign(this.#faults, noFaults);
  }

  #serve(): void {
    this.#server.on('connection', (client: Socket) => {
      this.#accepted += 1;
      const lifeMs = this.#connectionLifeMs;
      if (lifeMs !== undefined && this.#accepted % 2 === 0) return void client.resetAndDestroy();
      const connection = new ProxyConnection(client, this.#target, this.#faults, () =>
        this.#open.delete(connection),
      );
      this.#open.add(connection);
      if (lifeMs === undefined) return;
      const cancelReset = startTimer(lifeMs, () => connection.reset());
      client.once('close', cancelReset);
    });
  }
}

async function listen(host: string, port: number): Promise<Server> {
  const server = createServer({ allowHalfOpen: true, noDelay: true });
  server.listen(port, host);
  await once(server, 'listening');
  return server;
}
