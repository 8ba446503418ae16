import { type ModulesContainer, NestApplicationContext } from '@nestjs/core';

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
    wrapMicroservices();
    const listeners = listenersOf.get(modules) ?? new Set();
    listenersOf.set(modules, listeners.add(onServer));
  }
}

/** `NestMicroservice` of @nestjs/microservices 10 to 11.1.4; `server` was renamed in 11. */
interface Microservice {
  readonly container: { getModules(): ModulesContainer };
  readonly server?: TransportServer;
  readonly serverInstance?: TransportServer;
}

/** The method of its base class that its constructor calls last. */
interface ApplicationContext {
  selectContextModule(this: Microservice): void;
}

/** By application: its modules are the same object for all of its microservices. */
const listenersOf = new WeakMap<ModulesContainer, Set<OnServer>>();
let isWrapped = false;

/**
 * Older versions have no way from an application to its microservices, which are created after its providers. Without that
 * method, register with `autoRegister: false`.
 */
function wrapMicroservices(): void {
  const prototype = NestApplicationContext.prototype as unknown as Partial<ApplicationContext>;
  const { selectContextModule } = prototype;
  if (isWrapped || typeof selectContextModule !== 'function') return;
  isWrapped = true;
  prototype.selectContextModule = function () {
    selectContextModule.call(this);
    const server = this.serverInstance ?? this.server;
    if (!server) return;
    for (const onServer of listenersOf.get(this.container.getModules()) ?? []) onServer(server);
  };
}
