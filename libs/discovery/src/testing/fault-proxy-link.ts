import { connect, type Socket } from 'node:net';
import { startTimer } from '../runtime/timers.js';

/** How much of one direction is kept back before its source is told to wait, in bytes. */
const heldBytes = 1024 * 1024;

/** What happens on the way. Shared by all connections of a proxy, and read at each step: a change holds at once. */
export interface Path {
  /** Nothing passes, and nothing is lost: a connection that is let go on later gets it all, as TCP would have it. */
  blocked: boolean;
  /** So much later than it came, in ms, does each piece arrive. */
  delayMs: number;
  /** Sees each piece that the server sends, once it was passed on. */
  onAnswer: ((piece: Buffer, reset: () => void) => void) | undefined;
}

/** One connection through a proxy, from a client to the server. */
export class Link {
  readonly #client: Socket;
  readonly #path: Path;
  readonly #onEnd: () => void;
  readonly #target: { readonly host: string; readonly port: number };
  #server: Socket | undefined;
  #directions: readonly Direction[] = [];
  #ended = false;

  constructor(
    client: Socket,
    target: { readonly host: string; readonly port: number },
    path: Path,
    onEnd: () => void,
  ) {
    this.#client = client;
    this.#target = target;
    this.#path = path;
    this.#onEnd = onEnd;
    this.#watch(client);
    this.flow();
  }

  /** Goes on where it was held. */
  flow(): void {
    if (this.#ended || this.#path.blocked) return;
    if (!this.#server) this.#connect();
    for (const direction of this.#directions) direction.flow();
  }

  /** With RST to both sides. Node lets a FIN go ahead of it: who reads in between sees an end first. */
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
      new Direction(this.#client, server, this.#path),
      new Direction(server, this.#client, this.#path, (piece) =>
        this.#path.onAnswer?.(piece, () => this.reset()),
      ),
    ];
  }

  #watch(socket: Socket): void {
    // What breaks one side breaks the other, in the same way.
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

/** What one side sends to the other. */
class Direction {
  readonly #from: Socket;
  readonly #to: Socket;
  readonly #path: Path;
  readonly #onPassed: ((piece: Buffer) => void) | undefined;
  readonly #pieces: { readonly piece: Buffer | undefined; readonly cameAt: number }[] = [];
  #bytes = 0;
  #cancel = () => {};

  constructor(from: Socket, to: Socket, path: Path, onPassed?: (piece: Buffer) => void) {
    this.#from = from;
    this.#to = to;
    this.#path = path;
    this.#onPassed = onPassed;
    from.on('data', (piece: Buffer) => this.#take(piece));
    from.on('end', () => this.#take(undefined));
    to.on('drain', () => this.flow());
  }

  flow(): void {
    this.#cancel();
    while (!this.#path.blocked && !this.#to.writableNeedDrain) {
      const next = this.#pieces[0];
      if (!next) return void this.#from.resume();
      const waitMs = next.cameAt + this.#path.delayMs - performance.now();
      if (waitMs > 0) {
        this.#cancel = startTimer(waitMs, () => this.flow());
        return;
      }
      this.#pieces.shift();
      this.#pass(next.piece);
    }
  }

  stop(): void {
    this.#cancel();
    this.#pieces.length = 0;
  }

  /** `undefined` is the end of what it sends. */
  #take(piece: Buffer | undefined): void {
    this.#pieces.push({ piece, cameAt: performance.now() });
    this.#bytes += piece?.length ?? 0;
    if (this.#bytes > heldBytes) this.#from.pause();
    this.flow();
  }

  #pass(piece: Buffer | undefined): void {
    if (!piece) return void this.#to.end();
    this.#bytes -= piece.length;
    // Not before the system has it: a reset would drop what is still here.
    this.#to.write(piece, (error) => {
      if (!error) this.#onPassed?.(piece);
    });
  }
}
