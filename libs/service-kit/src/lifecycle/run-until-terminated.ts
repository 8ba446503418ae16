import { setTimeout as delay } from 'node:timers/promises';
import type { INestApplicationContext } from '@nestjs/common';
import { type DrainResult, type GracefulShutdown, shutDownOnSignals } from '@rollcall/discovery';

/** How long the shutdown hooks of the application may take after the drain, in ms: `stopped` is logged before the exit after 5 s. */
const hooksTimeoutMs = 4_900;

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
  const beforeExit = async (result: DrainResult) => {
    await withTimeout(app.close(), hooksTimeoutMs);
    onStopped(result);
  };
  shutDownOnSignals(shutdown, { beforeExit });
  try {
    await start();
  } catch (error) {
    // The start failed because a shutdown began.
    if (shutdown.started) return app;
    shutdown.force();
    await beforeExit(await shutdown.close('failed to start'));
    throw error;
  }
  return app;
}

/** Resolves when `work` does, or after `ms`. */
async function withTimeout(work: Promise<void>, ms: number): Promise<void> {
  const done = new AbortController();
  const timeout = delay(ms, undefined, { signal: done.signal }).catch(() => {});
  await Promise.race([work, timeout]).finally(() => done.abort());
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
