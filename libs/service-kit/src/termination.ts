/**
 * Ends the process when it is told to: the first SIGTERM or SIGINT calls `leave` and exits with 0 when that is done, a
 * second one aborts the signal it was given so that it hurries, a third one ends at once.
 */
export function onTermination(leave: (reason: NodeJS.Signals, hurry: AbortSignal) => Promise<void>): void {
  const hurry = new AbortController();
  let signals = 0;
  const hear = (signal: NodeJS.Signals) => {
    signals += 1;
    if (signals === 2) hurry.abort();
    if (signals > 2) process.exit(1);
    if (signals > 1) return;
    leave(signal, hurry.signal).then(
      () => process.exit(0),
      (error: unknown) => {
        console.error(error);
        process.exit(1);
      },
    );
  };
  process.on('SIGTERM', hear);
  process.on('SIGINT', hear);
}

/** Runs a service's main: what fails at boot is one clear line and exit code 1, never a half-started process. */
export async function boot(service: string, start: () => Promise<void>): Promise<void> {
  try {
    await start();
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
