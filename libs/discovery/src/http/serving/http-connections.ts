import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { Server as TlsServer } from 'node:https';
import type { Socket } from 'node:net';
import { LinkedList } from '../../runtime/linked-list.js';
import { startTimer } from '../../runtime/timers.js';
import type { DrainResult } from '../../shutdown/graceful-shutdown.js';
import type { DrainableServer } from '../../shutdown/serving.js';

/** How long a draining server keeps listening for each kept-alive connection to get `Connection: close`, in ms. */
const drainNoticeMs = 2_000;
/** How long no connection must be open to stop listening earlier, in ms: load balancers have to notice, too. */
const noConnectionsMs = 500;
/**
 * How long a connection without any request may stay open once the server no longer listens, in ms. Connections that
 * were upgraded (WebSockets) count as such: their clients connect to another instance.
 */
const firstRequestTimeoutMs = 500;

/**
 * Tracks the connections of an HTTP server, so that a shutdown resets none that is in use. A kept-alive HTTP/1.1
 * connection can only be closed safely after a response with `Connection: close` (RFC 9112, 9.6): at any other time, the
 * next request may already be on its way.
 */
export class HttpConnections implements DrainableServer {
  readonly #server: Server | TlsServer;
  readonly #open = new Set<Socket>();
  /** Connections without any request: browsers open some ahead of time. Node does not count them as idle. */
  readonly #unused = new Set<Socket>();
  readonly #pendingResponses = new LinkedList<ServerResponse>();
  #draining = false;
  #onConnectionsChange = () => {};

  constructor(server: Server | TlsServer) {
    this.#server = server;
    // Requests arrive on the encrypted socket, not on the one below it.
    server.on('setSecureContext' in server ? 'secureConnection' : 'connection', (socket: Socket) => {
      this.#unused.add(socket);
      this.#onOpen(socket);
    });
    // Must run before the listener that responds.
    server.prependListener('request', (request, response) => this.#onRequest(request, response));
  }

  /** From now on, each response closes its connection. */
  startDraining(): void {
    this.#draining = true;
    for (const response of this.#pendingResponses.toArray()) closeAfter(response);
  }

  /**
   * Keeps listening until every connection is closed, 2 s at most, then accepts no more and waits for the requests in
   * flight. Cuts them off when `forceSignal` aborts.
   */
  async drain(forceSignal: AbortSignal): Promise<DrainResult> {
    await this.#untilNoConnections(forceSignal);
    return this.#close(forceSignal);
  }

  /** Resolves when no connection has been open for a while, after `drainNoticeMs`, or when `forceSignal` aborts. */
  async #untilNoConnections(forceSignal: AbortSignal): Promise<void> {
    let cancelNoConnections = () => {};
    let cancelNotice = () => {};
    await new Promise<void>((resolve) => {
      cancelNotice = startTimer(drainNoticeMs, resolve);
      forceSignal.addEventListener('abort', () => resolve(), { once: true });
      this.#onConnectionsChange = () => {
        cancelNoConnections();
        if (this.#open.size === 0) cancelNoConnections = startTimer(noConnectionsMs, resolve);
      };
      this.#onConnectionsChange();
      if (forceSignal.aborted) resolve();
    });
    this.#onConnectionsChange = () => {};
    cancelNoConnections();
    cancelNotice();
  }

  #close(forceSignal: AbortSignal): Promise<DrainResult> {
    return new Promise((resolve) => {
      const finish = (result: DrainResult) => {
        cancelUnused();
        forceSignal.removeEventListener('abort', force);
        resolve(result);
      };
      const force = () => {
        // The remaining connections may all be idle.
        finish(this.#pendingResponses.isEmpty ? 'drained' : 'forced');
        this.#server.closeAllConnections();
        // Also those that were upgraded.
        for (const socket of this.#open) socket.destroy();
      };
      const cancelUnused = startTimer(firstRequestTimeoutMs, () => this.#closeUnused());
      forceSignal.addEventListener('abort', force);
      // Also closes the idle connections, which had time for another request.
      this.#server.close(() => finish('drained'));
      if (forceSignal.aborted) force();
    });
  }

  #closeUnused(): void {
    for (const socket of this.#unused) socket.destroy();
  }

  #onOpen(socket: Socket): void {
    this.#open.add(socket);
    socket.once('close', () => this.#onSocketClose(socket));
    this.#onConnectionsChange();
  }

  #onRequest({ socket }: IncomingMessage, response: ServerResponse): void {
    // A connection that is older than this object.
    if (!this.#open.has(socket)) this.#onOpen(socket);
    this.#unused.delete(socket);
    const entry = this.#pendingResponses.add(response);
    response.once('close', () => this.#pendingResponses.remove(entry));
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
