import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import type { DrainResult } from '../lifecycle/graceful-shutdown.js';

/** How long a draining server keeps listening for each kept-alive connection to get `Connection: close`, in ms. */
const drainNoticeMs = 2_000;
/** How long no connection must be open to stop listening earlier, in ms: load balancers have to notice, too. */
const noConnectionsMs = 500;
/** How long a connection without any request may stay open once the server no longer listens, in ms. */
const firstRequestTimeoutMs = 500;

/**
 * Tracks the connections of an HTTP server, so that a shutdown resets none that is in use. A kept-alive HTTP/1.1
 * connection can only be closed safely after a response with `Connection: close` (RFC 9112, 9.6): at any other time, the
 * next request may already be on its way.
 */
export class HttpConnections {
  readonly #server: Server;
  readonly #open = new Set<Socket>();
  /** Connections without any request: browsers open some ahead of time. Node does not count them as idle. */
  readonly #unused = new Set<Socket>();
  readonly #pendingResponses = new Set<ServerResponse>();
  #draining = false;
  #onConnectionsChange = () => {};

  constructor(server: Server) {
    this.#server = server;
    server.on('connection', (socket: Socket) => {
      this.#open.add(socket);
      this.#unused.add(socket);
      socket.once('close', () => this.#onSocketClose(socket));
      this.#onConnectionsChange();
    });
    // Must run before the listener that responds.
    server.prependListener('request', (request, response) => this.#onRequest(request, response));
  }

  /** From now on, each response closes its connection. */
  startDraining(): void {
    this.#draining = true;
    for (const response of this.#pendingResponses) closeAfter(response);
  }

  /**
   * Keeps listening until every connection is closed, 2 s at most, then accepts no more and waits for the requests in
   * flight. Cuts them off when `forceSignal` aborts.
   */
  async shutdown(forceSignal: AbortSignal): Promise<DrainResult> {
    await this.#untilNoConnections(forceSignal);
    return this.#close(forceSignal);
  }

  /** Resolves when no connection has been open for a while, after `drainNoticeMs`, or when `forceSignal` aborts. */
  async #untilNoConnections(forceSignal: AbortSignal): Promise<void> {
    let noConnectionsTimer: NodeJS.Timeout | undefined;
    let noticeTimer: NodeJS.Timeout | undefined;
    await new Promise<void>((resolve) => {
      noticeTimer = setTimeout(resolve, drainNoticeMs);
      forceSignal.addEventListener('abort', () => resolve(), { once: true });
      this.#onConnectionsChange = () => {
        clearTimeout(noConnectionsTimer);
        if (this.#open.size === 0) noConnectionsTimer = setTimeout(resolve, noConnectionsMs);
      };
      this.#onConnectionsChange();
      if (forceSignal.aborted) resolve();
    });
    this.#onConnectionsChange = () => {};
    clearTimeout(noConnectionsTimer);
    clearTimeout(noticeTimer);
  }

  #close(forceSignal: AbortSignal): Promise<DrainResult> {
    return new Promise((resolve) => {
      const finish = (result: DrainResult) => {
        clearTimeout(unusedTimer);
        forceSignal.removeEventListener('abort', force);
        resolve(result);
      };
      const force = () => {
        // The remaining connections may all be idle.
        finish(this.#pendingResponses.size > 0 ? 'forced' : 'drained');
        this.#server.closeAllConnections();
      };
      const unusedTimer = setTimeout(() => this.#closeUnused(), firstRequestTimeoutMs);
      forceSignal.addEventListener('abort', force);
      // Also closes the idle connections, which had time for another request.
      this.#server.close(() => finish('drained'));
      if (forceSignal.aborted) force();
    });
  }

  #closeUnused(): void {
    for (const socket of this.#unused) socket.destroy();
  }

  #onRequest({ socket }: IncomingMessage, response: ServerResponse): void {
    this.#unused.delete(socket);
    this.#pendingResponses.add(response);
    response.once('close', () => this.#pendingResponses.delete(response));
    if (this.#draining) closeAfter(response);
  }

  #onSocketClose(socket: Socket): void {
    this.#open.delete(socket);
    this.#unused.delete(socket);
    this.#onConnectionsChange();
  }
}

function closeAfter(response: ServerResponse): void {
  if (!response.headersSent) response.setHeader('connection', 'close');
}
