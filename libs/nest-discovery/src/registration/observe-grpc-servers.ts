import type { ModulesContainer } from '@nestjs/core';
import type { GracefulShutdown } from '@rollcall/discovery';
import { onTransportServer, type TransportServer } from './transport-servers.js';

/** `Transport.GRPC` of `@nestjs/microservices`, a package that an HTTP application may not have. */
const grpcTransport = 4;

export interface GrpcServerObserver {
  /** Called once the server listens, before Nest continues. An error fails the start of the application. */
  afterListen(server: TransportServer): Promise<void>;
  /** Called before the server closes. `forceSignal` ends the waiting. */
  deregister(forceSignal?: AbortSignal): Promise<void>;
}

/** A transport that shuts down gracefully deregisters as a part of that, after it has reported NOT_SERVING. */
export interface GracefulTransport extends TransportServer {
  readonly shutdown: Pick<GracefulShutdown, 'deregister'>;
  deregisterOnClose(registration: Pick<GrpcServerObserver, 'deregister'>): void;
}

/**
 * Observes the gRPC servers of an application. Nest has no hook for a microservice that listens, and `app.close()` of a
 * pure microservice closes the server before it runs any hook, so this wraps `listen` and `close` of the server.
 * Returns those that shut down gracefully, which grow in number.
 */
export function observeGrpcServers(
  modules: ModulesContainer,
  observer: GrpcServerObserver,
): readonly GracefulTransport[] {
  const graceful: GracefulTransport[] = [];
  onTransportServer(modules, (server) => {
    if (server.transportId !== grpcTransport) return;
    callAfterListen(server, observer);
    if (isGraceful(server)) {
      graceful.push(server);
      server.deregisterOnClose(observer);
    } else callBeforeClose(server, observer);
  });
  return graceful;
}

function isGraceful(server: TransportServer): server is GracefulTransport {
  return 'deregisterOnClose' in server && typeof server.deregisterOnClose === 'function';
}

function callAfterListen(server: TransportServer, observer: GrpcServerObserver): void {
  const listen = server.listen.bind(server);
  server.listen = (callback) =>
    listen(async (listenError?: unknown, ...rest: unknown[]) => {
      let error = listenError;
      try {
        if (!error) await observer.afterListen(server);
      } catch (thrown) {
        error = thrown;
      }
      callback(error, ...rest);
    });
}

function callBeforeClose(server: TransportServer, observer: GrpcServerObserver): void {
  const close = server.close.bind(server);
  server.close = async () => {
    await observer.deregister();
    await close();
  };
}
