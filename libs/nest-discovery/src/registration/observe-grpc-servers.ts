import type { ITransportServer } from '@nestjs/common';
import type { ModulesContainer } from '@nestjs/core';
import type { Subscription } from 'rxjs';

/** `Transport.GRPC` of `@nestjs/microservices`, which an HTTP application need not have. */
const grpcTransport = 4;

interface TransportServer extends ITransportServer {
  readonly transportId?: unknown;
}

/** What is to happen around the life of a server. Who throws in `listening` fails the application's start. */
export interface ServerWatcher {
  listening(): Promise<void>;
  closing(): Promise<void>;
}

/**
 * Nest tells nobody when a microservice listens, and `app.close()` of a pure one closes its server before any hook runs.
 * So what has to come after the one and before the other is put around the server's own methods; Nest names the servers,
 * also those of hybrid applications, also those that come later.
 */
export function observeGrpcServers(modules: ModulesContainer, watcher: ServerWatcher): Subscription {
  return modules.getRpcTargetRegistry<TransportServer>().subscribe((server) => {
    if (server.transportId === grpcTransport) wrapLifecycle(server, watcher);
  });
}

function wrapLifecycle(server: TransportServer, watcher: ServerWatcher): void {
  const listen = server.listen.bind(server);
  const close = server.close.bind(server);
  server.listen = (callback) =>
    listen(async (error?: unknown, ...rest: unknown[]) => {
      let failure = error;
      try {
        if (!failure) await watcher.listening();
      } catch (thrown) {
        failure = thrown;
      }
      callback(failure, ...rest);
    });
  server.close = async () => {
    await watcher.closing();
    await close();
  };
}
