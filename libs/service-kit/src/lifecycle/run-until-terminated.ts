import type { INestApplicationContext } from '@nestjs/common';
import { type DrainResult, type GracefulShutdown, hooksTimeoutMs, withTimeout } from './graceful-shutdown.js';

export interface Lifecycle<App> {
  readonly app: App;
  readonly shutdown: GracefulShutdown;
  /** Starts to listen, and registers. */
  readonly start: () => Promise<void>;
  /** Called last, with the result of the shutdown. */
  readonly onStopped: (result: DrainResult) => void;
}

/**
 * Starts an application and shuts it down on SIGTERM or SIGINT. The first signal drains it, closes it and exits with 0; a
 * second one forces the drain; a third one exits with 1 at once. A failed start is shut down, too.
 */
export async function runUntilTerminated<App extends INestApplicationContext>({
  app,
  shutdown,
  start,
  onStopped,
}: Lifecycle<App>): Promise<App> {
  const stop = async (reason: string) => {
    const result = await shutdown.run(reason);
    await withTimeout(app.close(), hooksTimeoutMs);
    onStopped(result);
  };
  handleSignals(shutdown, stop);
  try {
    await start();
  } catch (error) {
    // The start failed because a shutdown began.
    if (shutdown.started) return app;
    shutdown.force();
    await stop('failed to start');
    throw error;
  }
  return app;
}

function handleSignals(shutdown: GracefulShutdown, stop: (reason: string) => Promise<void>): void {
  let signals = 0;
  const onSignal = (signal: NodeJS.Signals) => {
    signals += 1;
    if (signals === 2) shutdown.force();
    if (signals > 2) process.exit(1);
    if (signals > 1) return;
    stop(signal).then(
      () => process.exit(0),
      (error: unknown) => {
        console.error(error);
        process.exit(1);
      },
    );
  };
  process.on('SIGTERM', onSignal);
  process.on('SIGINT', onSignal);
}

/** Runs the start of a service. An error is logged as one line, and the process exits with 1. */
export async function bootstrap<T>(service: string, start: () => Promise<T>): Promise<T> {
  try {
    return await start();
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    console.error(
      JSON.stringify({
        level: 'fatal',
        timestamp: Date.now(),
        context: service,
        message: `cannot start: ${message}`,
      }),
    );
    process.exit(1);
  }
}
