import { once } from 'node:events';
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import { Link, type Path } from './fault-proxy-link.js';

export interface FaultProxyOptions {
  /** Where it listens; loopback by default. */
  readonly host?: string;
  /**
   * Default 0, any free port. For a test that cuts, better one below those that the system hands out by itself (32768 on
   * Linux): otherwise an outgoing connection may take the port during the cut.
   */
  readonly port?: number;
}

export interface ProxyTarget {
  readonly host: string;
  readonly port: number;
}

/**
 * A TCP proxy to put before a registry and to break: what a network does to a connection, without root. One fault at a
 * time; each replaces the one before, and {@link restore} ends it.
 *
 * ```ts
 * const proxy = await FaultProxy.start({ host: '127.0.0.1', port: 2379 });
 * const registry = await openRegistry(`etcd://127.0.0.1:${proxy.port}`);
 * await proxy.cut();
 * // ... the list is still the last known good one ...
 * await proxy.restore();
 * await proxy.close();
 * ```
 */
export class FaultProxy {
  readonly host: string;
  readonly port: number;
  readonly #links = new Set<Link>();
  readonly #path: Path = { blocked: false, delayMs: 0, onAnswer: undefined };
  #server: Server;
  #target: ProxyTarget;
  #accepted = 0;
  #resetting: NodeJS.Timeout | undefined;

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
    return this.#links.size;
  }

  /** Connections that were accepted since the start: what a client costs its registry. */
  get accepted(): number {
    return this.#accepted;
  }

  /** Where new connections go. Those that are open stay where they are. */
  forwardTo(target: ProxyTarget): void {
    this.#target = target;
  }

  /** Closes every connection and refuses new ones, as a machine without the server does. */
  async cut(): Promise<void> {
    this.#heal();
    const closed = new Promise((resolve) => this.#server.close(resolve));
    this.reset();
    await closed;
  }

  /** Accepts, keeps every connection, passes nothing: a firewall that drops, a peer that hangs. */
  blackHole(): void {
    this.#heal();
    this.#path.blocked = true;
  }

  /** Each piece arrives `ms` later, in both directions. @throws {RangeError} for less than 0. */
  delay(ms: number): void {
    if (!(ms >= 0)) throw new RangeError(`a delay of ${ms} ms is not usable; use 0 or more`);
    this.#heal();
    this.#path.delayMs = ms;
  }

  /** Resets (RST) every connection, once. New ones are as good as before. */
  reset(): void {
    for (const link of this.#links) link.reset();
  }

  /** Resets every connection, every `ms`. @throws {RangeError} for less than 1. */
  resetEvery(ms: number): void {
    if (!(ms >= 1)) throw new RangeError(`a reset every ${ms} ms is not usable; use 1 or more`);
    this.#heal();
    this.#resetting = setInterval(() => this.reset(), ms).unref();
  }

  /**
   * Calls `listener` with each piece of what the server sends, after it was passed on, and a function that resets this
   * connection: to cut one right after a certain answer.
   */
  onResponse(listener: (piece: Buffer, reset: () => void) => void): void {
    this.#heal();
    this.#path.onAnswer = listener;
  }

  /** Ends the fault. What a black hole has held arrives now. */
  async restore(): Promise<void> {
    this.#heal();
    if (!this.#server.listening) {
      this.#server = await listen(this.host, this.port);
      this.#serve();
    }
    for (const link of this.#links) link.flow();
  }

  /** Closes every connection, and itself. Idempotent. */
  async close(): Promise<void> {
    await this.cut();
  }

  #heal(): void {
    clearInterval(this.#resetting);
    Object.assign(this.#path, { blocked: false, delayMs: 0, onAnswer: undefined });
  }

  #serve(): void {
    this.#server.on('connection', (client: Socket) => {
      this.#accepted += 1;
      const link = new Link(client, this.#target, this.#path, () => this.#links.delete(link));
      this.#links.add(link);
    });
  }
}

async function listen(host: string, port: number): Promise<Server> {
  const server = createServer({ allowHalfOpen: true, noDelay: true });
  server.listen(port, host);
  await once(server, 'listening');
  return server;
}
