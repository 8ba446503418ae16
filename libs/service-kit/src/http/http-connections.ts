import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import type { DrainResult } from '../lifecycle/graceful-shutdown.js';

/** How long a server that says goodbye goes on to listen, in ms, so that every kept connection is heard once more. */
const goodbyeMs = 2_000;
/** How long nobody must be connected for it to be over before, in ms: balancers need to hear it, too. */
const quietMs = 500;
/** How long a connection over which nothing was asked yet may remain so, once no more are taken, in ms. */
const silentMs = 500;

/**
 * Follows the connections of an HTTP server, so that it can be left without resetting any of them. An HTTP/1.1 connection
 * that is kept can be closed safely at one moment only, right after a response that says `Connection: close`
 * (RFC 9112, 9.6): at any other the next request may be on its way already.
 */
export class HttpConnections {
  readonly #server: Server;
  readonly #open = new Set<Socket>();
  /** Those over which nothing has been asked yet: browsers open some ahead of time. Node takes them for busy. */
  readonly #silent = new Set<Socket>();
  readonly #unanswered = new Set<ServerResponse>();
  #leaving = false;
  #changed = () => {};

  constructor(server: Server) {
    this.#server = server;
    server.on('connection', (socket: Socket) => {
      this.#open.add(socket);
      this.#silent.add(socket);
      socket.once('close', () => this.#closed(socket));
      this.#changed();
    });
    // Before whoever answers.
    server.prependListener('request', (request, response) => this.#asked(request, response));
  }

  /** From now on each response is the last one of its connection. */
  startDraining(): void {
    this.#leaving = true;
    for (const response of this.#unanswered) lastOfItsConnection(response);
  }

  /**
   * Listens on until all who are connected have been told, or two seconds have passed; then takes no more connections and
   * lets what is in flight end. What has not after `timeoutMs`, or when `forceSignal` aborts, is cut off.
   */
  async shutdown(timeoutMs: number, forceSignal: AbortSignal): Promise<DrainResult> {
    const endsAt = performance.now() + timeoutMs;
    await this.#quiet(Math.min(goodbyeMs, timeoutMs), forceSignal);
    return this.#close(endsAt - performance.now(), forceSignal);
  }

  /** Resolves when nobody has been connected for a while, after `ms`, or when `forceSignal` aborts. */
  async #quiet(ms: number, forceSignal: AbortSignal): Promise<void> {
    let calm: NodeJS.Timeout | undefined;
    let timer: NodeJS.Timeout | undefined;
    let done = () => {};
    await new Promise<void>((resolve) => {
      done = resolve;
      timer = setTimeout(done, ms);
      forceSignal.addEventListener('abort', done);
      this.#changed = () => {
        clearTimeout(calm);
        if (this.#open.size === 0) calm = setTimeout(done, quietMs);
      };
      this.#changed();
      if (forceSignal.aborted) done();
    });
    this.#changed = () => {};
    clearTimeout(calm);
    clearTimeout(timer);
    forceSignal.removeEventListener('abort', done);
  }

  #close(timeoutMs: number, forceSignal: AbortSignal): Promise<DrainResult> {
    return new Promise((resolve) => {
      const finish = (how: DrainResult) => {
        clearTimeout(silence);
        clearTimeout(timer);
        forceSignal.removeEventListener('abort', force);
        resolve(how);
      };
      const force = () => {
        // What is left then may be nothing but kept connections over which nobody asks.
        finish(this.#unanswered.size > 0 ? 'forced' : 'drained');
        this.#server.closeAllConnections();
      };
      const silence = setTimeout(() => this.#endSilent(), Math.min(silentMs, timeoutMs));
      const timer = setTimeout(force, timeoutMs);
      forceSignal.addEventListener('abort', force);
      // With it end those that are kept and were not asked over since: they had their time.
      this.#server.close(() => finish('drained'));
      if (forceSignal.aborted) force();
    });
  }

  #endSilent(): void {
    for (const socket of this.#silent) socket.destroy();
  }

  #asked({ socket }: IncomingMessage, response: ServerResponse): void {
    this.#silent.delete(socket);
    this.#unanswered.add(response);
    response.once('close', () => this.#unanswered.delete(response));
    if (this.#leaving) lastOfItsConnection(response);
  }

  #closed(socket: Socket): void {
    this.#open.delete(socket);
    this.#silent.delete(socket);
    this.#changed();
  }
}

function lastOfItsConnection(response: ServerResponse): void {
  if (!response.headersSent) response.setHeader('connection', 'close');
}
