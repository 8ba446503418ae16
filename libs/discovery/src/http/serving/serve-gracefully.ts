import type { Server } from 'node:http';
import type { Server as TlsServer } from 'node:https';
import type { GracefulShutdown } from '../../shutdown/graceful-shutdown.js';
import { type Deregisterable, type ServingOptions, shutDownServer } from '../../shutdown/serving.js';
import { HttpConnections } from './http-connections.js';

export type HttpServingOptions = ServingOptions;

/**
 * Shuts an HTTP server down without failing a request: on SIGTERM, SIGINT or `close()` it deregisters, waits until callers know,
 * closes each connection after a response with `Connection: close`, and lets requests in flight complete. What takes longer than
 * `drainTimeoutMs` is cut off. After a signal the process exits with 0; a second signal cuts off what is in flight, a third one
 * exits with 1. All servers of a process are shut down together. Call it before the first connection: best, before `listen`.
 * `registrations`: one, several, or `[]` for none.
 * @throws {DiscoveryError} INVALID_OPTION.
 * @example
 * serveGracefully(server, registry.register({ id, service: 'stock-web', host, port, protocol: 'http' }));
 */
export function serveGracefully(
  server: Server | TlsServer,
  registrations: Deregisterable | readonly Deregisterable[],
  options: HttpServingOptions = {},
): GracefulShutdown {
  return shutDownServer(new HttpConnections(server), registrations, options);
}
