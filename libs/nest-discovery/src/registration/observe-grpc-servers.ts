import type { ITransportServer } from '@nestjs/common';
import type { ModulesContainer } from '@nestjs/core';
import type { Subscription } from 'rxjs';

/** `Transport.GRPC` of `@nestjs/microservices`, a package that an HTTP application may not have. */
const grpcTransport = 4;

interface TransportServer extends ITransportServer {
  readonly transportId?: unknown;
}

export interface GrpcServerObserver {
  /** Called once the server listens, before Nest continues. An error fails the start of the application. */
  afterListen(): Promise<void>;
  /** Called before the server closes. */
  beforeClose(): Promise<void>;
}

/**
 * Observes the gRPC servers of an application. Nest has no hook for a microservice that listens, and `app.close()` of a
 * pure microservice closes the server before it runs any hook, so this wraps `listen` and `close` of the server. The
 * target registry also emits the servers of hybrid applications and those connected later.
 */
export function observeGrpcServers(modules: ModulesContainer, observer: GrpcServerObserver): Subscription {
  return modules.getRpcTargetRegistry<TransportServer>().subscribe((server) => {
    if (server.transportId === grpcTransport) wrapLifecycle(server, observer);
  });
}

function wrapLifecycle(server: TransportServer, observer: GrpcServerObserver): void {
  const listen = server.listen.bind(server);
  const close = server.close.bind(server);
  server.listen = (callback) =>
    listen(async (listenError?: unknown, ...rest: unknown[]) => {
      let error = listenError;
      try {
        if (!error) await observer.afterListen();
      } catch (thrown) {
        error = thrown;
      }
      callback(error, ...rest);
    });
  server.close = async () => {
    await observer.beforeClose();
    await close();
  };
}
