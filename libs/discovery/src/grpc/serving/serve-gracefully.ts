import type { Server } from '@grpc/grpc-js';
import { invalidOption } from '../../model/invalid-option.js';
import { startTimer } from '../../runtime/timers.js';
import type { DrainResult, GracefulShutdown } from '../../shutdown/graceful-shutdown.js';
import {
  type Deregisterable,
  type DrainableServer,
  type ServingOptions,
  shutDownServer,
} from '../../shutdown/serving.js';
import { CallTracker } from './call-tracker.js';
import { addInterceptor, methodsOf } from './private-server.js';

/** `HealthImplementation` of `grpc-health-check`, or anything else that keeps the status of each service. */
export interface HealthReporter {
  setStatus(service: string, status: 'SERVING' | 'NOT_SERVING'): void;
}

export interface GrpcServingOptions extends ServingOptions {
  /** Reports NOT_SERVING for the server and each of its services as soon as the shutdown starts. */
  readonly health?: HealthReporter;
  /**
   * The streaming methods that never end by themselves, as `/package.Service/Method` or as method definition: they are ended at
   * once, with UNAVAILABLE, when the server has been deregistered. All other calls have `drainTimeoutMs` to complete. Default:
   * those of gRPC health and reflection.
   */
  readonly longLivedStreams?: readonly (string | { readonly path: string })[];
}

/**
 * Shuts a grpc-js server down without failing a call: on SIGTERM, SIGINT or `close()` it reports NOT_SERVING, deregisters, waits
 * until callers know, ends long-lived streams, and lets all other calls complete. What takes longer than `drainTimeoutMs` ends
 * with UNAVAILABLE. After a signal the process exits with 0; a second signal cuts off what is in flight, a third one exits
 * with 1. All servers of a process are shut down together. Call it once the services are added and the server listens.
 * `registrations`: one, several, or `[]` for none.
 * @throws {DiscoveryError} INVALID_OPTION.
 * @example
 * serveGracefully(server, registry.register({ id, service: 'greeter', host, port }));
 */
export function serveGracefully(
  server: Server,
  registrations: Deregisterable | readonly Deregisterable[],
  { health, longLivedStreams = [], ...options }: GrpcServingOptions = {},
): GracefulShutdown {
  const paths = longLivedStreams.map((method) => (typeof method === 'string' ? method : method.path));
  for (const path of paths) assertStream(server, path);
  return shutDownServer(
    new DrainableGrpcServer(server, new CallTracker(paths), health),
    registrations,
    options,
  );
}

/** How long the statuses of calls that a forced shutdown ends have to reach the client, in ms. */
const statusFlushMs = 100;

class DrainableGrpcServer implements DrainableServer {
  readonly #server: Server;
  readonly #calls: CallTracker;
  readonly #health: HealthReporter | undefined;

  constructor(server: Server, calls: CallTracker, health: HealthReporter | undefined) {
    this.#server = server;
    this.#calls = calls;
    this.#health = health;
    if (!addInterceptor(server, calls.interceptor)) {
      process.emitWarning(
        'the calls of this version of @grpc/grpc-js cannot be tracked: a shutdown ends no stream',
      );
    }
  }

  startDraining(): void {
    for (const service of ['', ...servicesOf(this.#server)]) this.#health?.setStatus(service, 'NOT_SERVING');
  }

  drain(forceSignal: AbortSignal): Promise<DrainResult> {
    this.#calls.endLongLivedStreams();
    return new Promise((resolve) => {
      let result: DrainResult = 'drained';
      let cancelFlush = () => {};
      const force = () => {
        result = 'forced';
        this.#calls.endAll();
        cancelFlush = startTimer(statusFlushMs, () => {
          resolve(result);
          this.#server.forceShutdown();
        });
      };
      forceSignal.addEventListener('abort', force);
      // Sends GOAWAY, and calls back when the last connection is closed. Calls that are on the way from a client that does not
      // know yet are refused, and retried by any client of gRPC. Node has no GOAWAY in two steps (RFC 9113, 6.8), which would
      // avoid that: nghttp2 ignores new streams after the first.
      this.#server.tryShutdown(() => {
        forceSignal.removeEventListener('abort', force);
        cancelFlush();
        resolve(result);
      });
      if (forceSignal.aborted) force();
    });
  }
}

function servicesOf(server: Server): Set<string> {
  const paths = methodsOf(server)?.keys() ?? [];
  return new Set([...paths].map((path) => path.split('/', 2)[1]!));
}

/** A server without services gets them later. */
function assertStream(server: Server, path: string): void {
  const methods = methodsOf(server);
  if (methods?.size ? methods.get(path) : /^\/[\w.]+\/\w+$/.test(path)) return;
  throw invalidOption(
    'longLivedStreams',
    path,
    'use streaming methods of the server, as /package.Service/Method',
  );
}
