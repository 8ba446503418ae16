import type { INestApplicationContext } from '@nestjs/common';
import type { GracefulShutdown, DrainResult } from './graceful-shutdown.js';

/** How long the application's own shutdown hooks may take once everything was drained, in ms. */
const hooksTimeoutMs = 5_000;

export interface Lifecycle<App> {
  readonly app: App;
  readonly drain: GracefulShutdown;
  /** Listens, and whatever comes after. */
  readonly start: () => Promise<void>;
  /** Hears how it ended, last of all. */
  readonly stopped: (how: DrainResult) => void;
}

/**
 * Starts an application and sees to its end. The first SIGTERM or SIGINT drains it, closes it and exits with 0; a second
 * one makes that hurry, a third one ends at once. What fails while it starts leaves nothing behind.
 */
export async function runUntilTerminated<App extends INestApplicationContext>({
  app,
  drain,
  start,
  stopped,
}: Lifecycle<App>): Promise<App> {
  const end = async (reason: string) => {
    const how = await drain.run(reason);
    await bounded(app.close(), hooksTimeoutMs);
    stopped(how);
  };
  onTermination(drain, end);
  try {
    await start();
  } catch (error) {
    // Told to end while it started: what is missing now is not missed.
    if (drain.started) return app;
    drain.force();
    await end('failed to start');
    throw error;
  }
  return app;
}

function onTermination(drain: GracefulShutdown, end: (reason: string) => Promise<void>): void {
  let signals = 0;
  const onSignal = (signal: NodeJS.Signals) => {
    signals += 1;
    if (signals === 2) drain.force();
    if (signals > 2) process.exit(1);
    if (signals > 1) return;
    end(signal).then(
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

/** Runs a service's main: what fails at boot is one clear line and exit code 1, never a half-started process. */
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

/** Waits for it, and no longer than `ms`. */
async function bounded(work: Promise<void>, ms: number): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const timeout = new Promise<void>((resolve) => (timer = setTimeout(resolve, ms)));
  await Promise.race([work, timeout]).finally(() => clearTimeout(timer));
}
