import { createRequire } from 'node:module';
import type { ModulesContainer } from '@nestjs/core';

/** The server of a microservice: what a transport strategy of Nest consists of. */
export interface TransportServer {
  readonly transportId?: unknown;
  listen(callback: (...args: unknown[]) => void): unknown;
  close(): unknown;
}

type OnServer = (server: TransportServer) => void;

/**
 * Calls `onServer` with the server of each microservice of an application before it listens: of a pure microservice, and of
 * those that a hybrid application has connected or connects later.
 */
export function onTransportServer(modules: ModulesContainer, onServer: OnServer): void {
  // Since Nest 11.1.5.
  if (typeof modules.getRpcTargetRegistry === 'function') {
    modules.getRpcTargetRegistry<TransportServer>().subscribe(onServer);
  } else {
    wrapListen();
    const listeners = listenersOf.get(modules) ?? new Set();
    listenersOf.set(modules, listeners.add(onServer));
  }
}

/** `NestMicroservice` of @nestjs/microservices 10 to 11.1.4; `server` was renamed in 11. */
interface Microservice {
  readonly container: { getModules(): ModulesContainer };
  readonly server?: TransportServer;
  readonly serverInstance?: TransportServer;
  listen(): Promise<unknown>;
}

/** By application: its modules are the same object for all of its microservices. */
const listenersOf = new WeakMap<ModulesContainer, Set<OnServer>>();
let isWrapped = false;

/** Older versions have no public way from an application to the servers of its microservices. */
function wrapListen(): void {
  if (isWrapped) return;
  isWrapped = true;
  const prototype = loadMicroservice()?.prototype;
  if (!prototype) return;
  const seen = new WeakSet<TransportServer>();
  const { listen } = prototype;
  prototype.listen = function (this: Microservice) {
    const server = this.serverInstance ?? this.server;
    const listeners = listenersOf.get(this.container.getModules());
    if (server && listeners && !seen.has(server)) {
      seen.add(server);
      for (const onServer of listeners) onServer(server);
    }
    return listen.call(this);
  };
}

/** Undefined for an application without microservices. */
function loadMicroservice(): { readonly prototype: Microservice } | undefined {
  try {
    const { NestMicroservice } = createRequire(import.meta.url)('@nestjs/microservices') as {
      readonly NestMicroservice: { readonly prototype: Microservice };
    };
    return NestMicroservice;
  } catch {
    return undefined;
  }
}
