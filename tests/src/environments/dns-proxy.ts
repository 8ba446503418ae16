import { createSocket, type Socket as UdpSocket } from 'node:dgram';
import { once } from 'node:events';
import { connect, createServer, type Server, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { freePort } from '@rollcall/tools';
import type { HttpAddress } from './http-api.js';
import type { NetworkFaults } from './network-faults.js';

/** RCODEs of DNS; `noError` without records is an empty answer. */
export const rcodes = { noError: 0, serverFailure: 2, nameError: 3, refused: 5 } as const;

export interface DnsFaults {
  /** Sent in place of every answer, without records. */
  readonly rcode?: number;
  /** No query is answered. */
  readonly silent?: boolean;
  /** This share of the datagrams is lost, 0 to 1. */
  readonly lossRate?: number;
  /** Answers come after a random time between these, in ms. */
  readonly delayMs?: readonly [number, number];
}

/** A proxy in front of a DNS server, for UDP and TCP, that simulates faults of the server and of the network. */
export class DnsProxy implements NetworkFaults {
  readonly host = '127.0.0.1';
  readonly port: number;
  /** How many queries have arrived. */
  queries = 0;
  faults: DnsFaults = {};
  readonly #target: HttpAddress;
  readonly #tcpSockets = new Set<Socket>();
  #udp: UdpSocket | undefined;
  #tcp: Server | undefined;

  private constructor(target: HttpAddress, port: number) {
    this.#target = target;
    this.port = port;
  }

  static async start(target: HttpAddress): Promise<DnsProxy> {
    const proxy = new DnsProxy(target, await freePort());
    await proxy.#listen();
    return proxy;
  }

  /** Nobody listens on its port. */
  async cut(): Promise<void> {
    await this.close();
  }

  blackHole(): void {
    this.faults = { silent: true };
  }

  async restore(): Promise<void> {
    this.faults = {};
    if (!this.#udp) await this.#listen();
  }

  async close(): Promise<void> {
    const [udp, tcp] = [this.#udp, this.#tcp];
    if (!udp || !tcp) return;
    this.#udp = this.#tcp = undefined;
    const closed = Promise.all([once(udp, 'close'), once(tcp, 'close')]);
    udp.close();
    tcp.close();
    for (const socket of this.#tcpSockets) socket.destroy();
    await closed;
  }

  async #listen(): Promise<void> {
    const udp = createSocket('udp4').bind(this.port, this.host);
    const tcp = createServer((socket) => this.#onConnection(socket)).listen(this.port, this.host);
    await Promise.all([once(udp, 'listening'), once(tcp, 'listening')]);
    this.#udp = udp;
    this.#tcp = tcp;
    udp.on('message', async (query, { port, address }) => {
      const answer = await this.#answer(query, overUdp);
      if (answer && this.#udp === udp) udp.send(answer, port, address);
    });
  }

  #onConnection(socket: Socket): void {
    this.#tcpSockets.add(socket);
    socket.on('error', () => {});
    socket.on('close', () => this.#tcpSockets.delete(socket));
    // A query is one short segment.
    socket.once('data', async (query) => {
      const answer = await this.#answer(query, overTcp);
      if (answer) socket.end(answer);
    });
  }

  /** Undefined for none. */
  async #answer(
    query: Buffer,
    forward: (query: Buffer, target: HttpAddress) => Promise<Buffer | undefined>,
  ): Promise<Buffer | undefined> {
    this.queries += 1;
    const { rcode, silent = false, lossRate = 0, delayMs = [0, 0] } = this.faults;
    if (silent || Math.random() < lossRate) return undefined;
    const [least, most] = delayMs;
    if (most > 0) await sleep(least + Math.random() * (most - least), undefined, { ref: false });
    if (rcode === undefined) return forward(query, this.#target);
    // The query itself, marked as a response, after the length that precedes it on TCP.
    const response = Buffer.from(query);
    const header = forward === overTcp ? 2 : 0;
    response[header + 2]! |= 0x80;
    response[header + 3] = rcode;
    return response;
  }
}

function overUdp(query: Buffer, { host, port }: HttpAddress): Promise<Buffer | undefined> {
  return new Promise((resolve) => {
    const socket = createSocket('udp4');
    const settle = (answer?: Buffer) => {
      clearTimeout(timer);
      socket.removeAllListeners().close();
      resolve(answer);
    };
    const timer = setTimeout(settle, 5_000).unref();
    socket.on('error', () => settle());
    socket.on('message', settle);
    socket.connect(port, host, () => socket.send(query));
  });
}

async function overTcp(query: Buffer, { host, port }: HttpAddress): Promise<Buffer | undefined> {
  const socket = connect({ host, port, timeout: 5_000 });
  socket.on('timeout', () => socket.destroy());
  socket.write(query);
  const pieces: Buffer[] = [];
  try {
    for await (const piece of socket) {
      pieces.push(piece as Buffer);
      const answer = Buffer.concat(pieces);
      if (answer.length >= 2 && answer.length >= 2 + answer.readUInt16BE(0)) return answer;
    }
  } catch {
    // The server is down.
  } finally {
    socket.destroy();
  }
  return undefined;
}
