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
  /** Called with each chunk from the server after it was forwarded. */
  onResponse: ((chunk: Buffer, reset: () => void) => void) | undefined;
}

/** One connection through a proxy, from a client to the server. */
export class ProxyConnection {
  readonly #client: Socket;
  readonly #faults: Faults;
  readonly #onEnd: () => void;
  readonly #target: { readonly host: string; readonly port: number };
  #server: Socket | undefined;
  #directions: readonly Direction[] = [];
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
    if (this.#ended || this.#faults.blocked) return;
    if (!this.#server) this.#connect();
    for (const direction of this.#directions) direction.flow();
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
  readonly #onForwarded: ((chunk: Buffer) => void) | undefined;
  readonly #chunks: { readonly chunk: Buffer | undefined; readonly receivedAt: number }[] = [];
  #bytes = 0;
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
    this.#cancel();
    while (!this.#faults.blocked && !this.#to.writableNeedDrain) {
      const next = this.#chunks[0];
      if (!next) return void this.#from.resume();
      const waitMs = next.receivedAt + this.#faults.delayMs - performance.now();
      if (waitMs > 0) {
        this.#cancel = startTimer(waitMs, () => this.flow());
        return;
      }
      this.#chunks.shift();
      this.#forward(next.chunk);
    }
  }

  stop(): void {
    this.#cancel();
    this.#chunks.length = 0;
  }

  /** `undefined` is the end of the stream. */
  #receive(chunk: Buffer | undefined): void {
    this.#chunks.push({ chunk, receivedAt: performance.now() });
    this.#bytes += chunk?.length ?? 0;
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
