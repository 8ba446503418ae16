/** The longest delay a Node timer takes; more than that fires at once. */
const maxDelayMs = 2 ** 31 - 1;

/** Runs `task` once after `delayMs`, without keeping the process alive for it. Returns what calls it off. */
export function startTimer(delayMs: number, task: () => void): () => void {
  const timer = setTimeout(task, Math.min(Math.max(delayMs, 0), maxDelayMs));
  timer.unref();
  return () => clearTimeout(timer);
}

/** Resolves after `delayMs`, or as soon as `signal` aborts: an abort is the caller's wish, not a failure. */
export function sleep(delayMs: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal?.aborted) return resolve();
    const done = () => {
      cancel();
      signal?.removeEventListener('abort', done);
      resolve();
    };
    const cancel = startTimer(delayMs, done);
    signal?.addEventListener('abort', done);
  });
}

/**
 * A controller that aborts when `parent` does, until it is disposed of. `AbortSignal.any` would do, but keeps every
 * child of a long-lived signal for ever (nodejs/node#55328).
 */
export function childAbortController(parent: AbortSignal): AbortController & { dispose(): void } {
  const child = new AbortController();
  const abort = () => child.abort(parent.reason);
  if (parent.aborted) abort();
  else parent.addEventListener('abort', abort, { once: true });
  return Object.assign(child, { dispose: () => parent.removeEventListener('abort', abort) });
}
