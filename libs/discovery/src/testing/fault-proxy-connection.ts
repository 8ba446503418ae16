import { connect, type Socket } from 'node:net';
import { startTimer } from '../runtime/timers.js';

/** Bytes of one direction that are buffered before its source is paused. */
const maxBufferedBytes = 1024 * 1024;

/** The current faults, shared by all connections of a proxy. */
export interface Faults {
  /** Forwards nothing, but loses nothing either, as TCP would. */
  blocked: boolean;
  /** Delay of each chunk, in ms. */
  delayMs: number;
  /** Delay of each chunk from the server, in ms, drawn between these two. */
  responseDelayMs: { readonly min: number; readonly max: number };
  /** The rate of the bytes from the server; Infinity for no limit. */
  responseBytesPerSecond: number;
  /** Called with each chunk from the server after it was forwarded. */
  onResponse: ((chunk: Buffer, reset: () => void) => void) | undefined;
}

export const noFaults: Faults = {
  blocked: false,
  delayMs: 0,
  responseDelayMs: { min: 0, max: 0 },
  responseBytesPerSecond: Infinity,
  onResponse: undefined,
};

interface Chunk {
  /** `undefined` is the end of the stream. */
  data: Buffer | undefined;
  readonly receivedAt: number;
  /** From 0 to 1: where between its limits the delay lies. */
  readonly random: number;
}

/** One connection through a proxy, from a client to the server. */
export class ProxyConnection {
  readonly #client: Socket;
  readonly #faults: Faults;
  readonly #onEnd: () => void;
  readonly #target: { readonly host: string; readonly port: number };
  #server: Socket | undefined;
  #directions: readonly Direction[] = [];
  #dropped = false;
  #ended = false;

  constructor(
    client: Socket,
    target: { readonly host: string; readonly port: number },
    faults: Faults,
    onEnd: () => void,
  ) {
    this.#client = client;
    this.#target = target;
    this.#faults = faults;
    this.#onEnd = onEnd;
    this.#watch(client);
    this.flow();
  }

  /** Continues after a fault. */
  flow(): void {
    if (this.#ended || this.#dropped || this.#faults.blocked) return;
    if (!this.#server) this.#connect();
    for (const direction of this.#directions) direction.flow();
  }

  /** Forwards nothing from now on. */
  drop(): void {
    this.#dropped = true;
    for (const direction of this.#directions) direction.stop();
  }

  /** Sends RST to both sides. Node sends a FIN before it, so a reader may see an end first. */
  reset(): void {
    this.#client.resetAndDestroy();
    this.#server?.resetAndDestroy();
    this.#end();
  }

  #connect(): void {
    const { host, port } = this.#target;
    const server = connect({ host, port, allowHalfOpen: true, noDelay: true });
    this.#server = server;
    this.#watch(server);
    this.#directions = [
      new Direction(this.#client, server, this.#faults),
      new Direction(server, this.#client, this.#faults, (chunk) =>
        this.#faults.onResponse?.(chunk, () => this.reset()),
      ),
    ];
  }

  #watch(socket: Socket): void {
    // An error on one side resets the other.
    socket.on('error', () => this.reset());
    socket.on('close', () => {
      if (this.#client.destroyed && (this.#server?.destroyed ?? true)) this.#end();
    });
  }

  #end(): void {
    if (this.#ended) return;
    this.#ended = true;
    for (const direction of this.#directions) direction.stop();
    this.#onEnd();
  }
}

/** Forwards from one side to the other. */
class Direction {
  readonly #from: Socket;
  readonly #to: Socket;
  readonly #faults: Faults;
  /** Given for the direction from the server. */
  readonly #onForwarded: ((chunk: Buffer) => void) | undefined;
  readonly #chunks: Chunk[] = [];
  #bytes = 0;
  #stopped = false;
  /** When the next byte may pass, on the monotonic clock. */
  #nextByteAt = 0;
  #cancel = () => {};

  constructor(from: Socket, to: Socket, faults: Faults, onForwarded?: (chunk: Buffer) => void) {
    this.#from = from;
    this.#to = to;
    this.#faults = faults;
    this.#onForwarded = onForwarded;
    from.on('data', (chunk: Buffer) => this.#receive(chunk));
    from.on('end', () => this.#receive(undefined));
    to.on('drain', () => this.flow());
  }

  flow(): void {
    if (this.#stopped) return;
    this.#cancel();
    while (!this.#faults.blocked && !this.#to.writableNeedDrain) {
      const next = this.#chunks[0];
      if (!next) return void this.#from.resume();
      const waitMs = this.#dueAt(next) - performance.now();
      if (waitMs > 0) {
        this.#cancel = startTimer(waitMs, () => this.flow());
        return;
      }
      if (next.data && this.#bytesPerSecond < Infinity) {
        this.#nextByteAt = performance.now() + 1_000 / this.#bytesPerSecond;
        this.#forward(next.data.subarray(0, 1));
        next.data = next.data.subarray(1);
        if (next.data.length === 0) this.#chunks.shift();
      } else {
        this.#chunks.shift();
        this.#forward(next.data);
      }
    }
  }

  get #bytesPerSecond(): number {
    return this.#onForwarded ? this.#faults.responseBytesPerSecond : Infinity;
  }

  #dueAt({ receivedAt, random }: Chunk): number {
    const { delayMs, responseDelayMs } = this.#faults;
    const { min, max } = this.#onForwarded ? responseDelayMs : noFaults.responseDelayMs;
    const dueAt = receivedAt + delayMs + min + random * (max - min);
    return this.#bytesPerSecond === Infinity ? dueAt : Math.max(dueAt, this.#nextByteAt);
  }

  stop(): void {
    this.#stopped = true;
    this.#cancel();
    this.#chunks.length = 0;
  }

  #receive(data: Buffer | undefined): void {
    if (this.#stopped) return;
    this.#chunks.push({ data, receivedAt: performance.now(), random: Math.random() });
    this.#bytes += data?.length ?? 0;
    if (this.#bytes > maxBufferedBytes) this.#from.pause();
    this.flow();
  }

  #forward(chunk: Buffer | undefined): void {
    if (!chunk) return void this.#to.end();
    this.#bytes -= chunk.length;
    // Only once the kernel has it: a reset would drop data that is still in this process.
    this.#to.write(chunk, (error) => {
      if (!error) this.#onForwarded?.(chunk);
    });
  }
}
