import { createSocket, type RemoteInfo, type Socket as UdpSocket } from 'node:dgram';
import { once } from 'node:events';
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import { type Answer, type DecodedPacket, decode, encode, type Packet } from 'dns-packet';

export interface Received {
  readonly id: number;
  readonly name: string;
  readonly type: string;
  readonly transport: 'udp' | 'tcp';
  readonly clientPort: number;
  /** Of EDNS0. */
  readonly payloadSize: number | undefined;
  /** On the monotonic clock, in ms. */
  readonly at: number;
}

/** What the server sends back: an answer, bytes as they are, or nothing. */
export type Response = (Packet & { readonly rcode?: number }) | Buffer | undefined;

export type Responder = (query: Received) => Response | Promise<Response>;

/** A DNS server that answers from a list of records, and does what a test tells it to. */
export class DnsServer {
  readonly port: number;
  readonly received: Received[] = [];
  /** What it knows. A name without any record does not exist. */
  records: readonly Answer[] = [];
  /** Sent with every answer. */
  additionals: readonly Answer[] = [];
  authorities: readonly Answer[] = [];
  respond: Responder = (query) => this.answer(query);
  /** Called with each datagram before it is answered, to send another one to its sender. */
  onDatagram: (query: DecodedPacket, from: RemoteInfo) => Promise<void> | void = () => {};
  readonly #udp: UdpSocket;
  readonly #tcp: Server;
  #isClosed = false;

  private constructor(udp: UdpSocket, tcp: Server) {
    this.port = (tcp.address() as AddressInfo).port;
    this.#udp = udp;
    this.#tcp = tcp;
    udp.on('message', (message, from) => void this.#onDatagram(message, from));
    tcp.on('connection', (socket) => {
      socket.on('error', () => {});
      socket.once('data', (frame) => void this.#onFrame(frame, socket));
    });
  }

  static async start(): Promise<DnsServer> {
    for (;;) {
      const tcp = createServer().listen(0, '127.0.0.1');
      await once(tcp, 'listening');
      const udp = createSocket('udp4');
      udp.bind((tcp.address() as AddressInfo).port, '127.0.0.1');
      try {
        await once(udp, 'listening');
        return new DnsServer(udp, tcp);
      } catch {
        // The port is taken for UDP.
        tcp.close();
      }
    }
  }

  /** The answer from {@link records}. */
  answer({ name, type }: Pick<Received, 'name' | 'type'>): Packet & { readonly rcode: number } {
    const named = this.records.filter((record) => record.name === name);
    const answers = named.filter((record) => record.type === type || record.type === 'CNAME');
    const rcode = named.length === 0 ? 3 : 0;
    return { rcode, answers, authorities: [...this.authorities], additionals: [...this.additionals] };
  }

  /** The queries for SRV records. */
  get lookups(): readonly Received[] {
    return this.received.filter(({ type }) => type === 'SRV');
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    this.#udp.close();
    this.#tcp.close();
    await once(this.#tcp, 'close');
  }

  async #onDatagram(message: Buffer, from: RemoteInfo): Promise<void> {
    await this.onDatagram(decode(message), from);
    const response = await this.#responseTo(message, 'udp', from.port);
    if (response && !this.#isClosed) this.#udp.send(response, from.port, from.address);
  }

  async #onFrame(frame: Buffer, socket: Socket): Promise<void> {
    const response = await this.#responseTo(frame.subarray(2), 'tcp', socket.remotePort ?? 0);
    if (!response) return void socket.end();
    const length = Buffer.alloc(2);
    length.writeUInt16BE(response.length);
    // In pieces, as a long answer arrives.
    for (const piece of [length.subarray(0, 1), length.subarray(1), response.subarray(0, 20)]) {
      socket.write(piece);
      await new Promise(setImmediate);
    }
    socket.end(response.subarray(20));
  }

  async #responseTo(
    message: Buffer,
    transport: 'udp' | 'tcp',
    clientPort: number,
  ): Promise<Buffer | undefined> {
    const { id = 0, questions = [], additionals = [] } = decode(message);
    const [{ name, type } = { name: '', type: '' }] = questions;
    const opt = additionals.find((record) => record.type === 'OPT');
    const payloadSize = opt?.udpPayloadSize;
    const query = { id, name, type, transport, clientPort, payloadSize, at: performance.now() };
    this.received.push(query);
    const response = await this.respond(query);
    if (!response || Buffer.isBuffer(response)) return response;
    const { rcode = 0, flags = 0, ...packet } = response;
    return encode({ id, type: 'response', questions, ...packet, flags: flags | rcode });
  }
}

export const srv = (
  name: string,
  target: string,
  port: number,
  more: { readonly priority?: number; readonly weight?: number; readonly ttl?: number } = {},
): Answer => {
  const { ttl = 0, priority = 1, weight = 1 } = more;
  return { type: 'SRV', name, ttl, data: { target, port, priority, weight } };
};
export const a = (name: string, data: string, ttl = 0): Answer => ({ type: 'A', name, ttl, data });
export const aaaa = (name: string, data: string, ttl = 0): Answer => ({ type: 'AAAA', name, ttl, data });
export const opt: Answer = {
  type: 'OPT',
  name: '.',
  udpPayloadSize: 4096,
  extendedRcode: 0,
  ednsVersion: 0,
  flags: 0,
  flag_do: false,
  options: [],
};
