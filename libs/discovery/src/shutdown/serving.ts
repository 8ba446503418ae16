import { type DrainResult, GracefulShutdown, type ShutdownTimes } from './graceful-shutdown.js';
import { shutDownOnSignals, type TerminationOptions } from './termination.js';

/** What is removed from the registry before a server stops: a `Registration`. */
export interface Deregisterable {
  /** Resolves once callers know. `forceSignal` ends the wait. */
  deregister(forceSignal: AbortSignal): Promise<void>;
}

export interface ServingOptions extends ShutdownTimes, Omit<TerminationOptions, 'signals'> {
  /**
   * The signals that shut the server down and then end the process. Default SIGTERM and SIGINT; `false` leaves them to the
   * program, which calls `close()`.
   */
  readonly signals?: readonly NodeJS.Signals[] | false;
  /** Called once when the shutdown starts: report it in the log and in the readiness endpoint. */
  readonly onDraining?: (reason: string) => void;
}

/** A server, by the two things that a shutdown does with it. */
export interface DrainableServer {
  /** The server still accepts requests, but callers should go elsewhere. */
  startDraining(): void;
  /** See `ShutdownSteps.drain`. */
  drain(forceSignal: AbortSignal): Promise<DrainResult>;
}

/** What `serveGracefully` does for any kind of server. */
export function shutDownServer(
  server: DrainableServer,
  registrations: Deregisterable | readonly Deregisterable[],
  { signals, beforeExit, onDraining, ...times }: ServingOptions,
): GracefulShutdown {
  let takeBack = () => {};
  const shutdown = new GracefulShutdown(
    {
      markNotServing(reason) {
        server.startDraining();
        onDraining?.(reason);
      },
      deregister: (forceSignal) =>
        Promise.all([registrations].flat().map((registration) => registration.deregister(forceSignal))),
      drain: (forceSignal) => server.drain(forceSignal).finally(() => takeBack()),
    },
    times,
  );
  if (signals !== false) {
    takeBack = shutDownOnSignals(shutdown, {
      ...(signals && { signals }),
      ...(beforeExit && { beforeExit }),
    });
  }
  return shutdown;
}
