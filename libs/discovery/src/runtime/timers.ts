/** The longest delay of a Node timer; a longer one fires at once. */
const maxDelayMs = 2 ** 31 - 1;

/** Runs `task` after `delayMs`, without keeping the process alive. Returns a function that cancels it. */
export function startTimer(delayMs: number, task: () => void): () => void {
  const timer = setTimeout(task, Math.min(Math.max(delayMs, 0), maxDelayMs));
  timer.unref();
  return () => clearTimeout(timer);
}

/** Runs `task` after `delayMs`, and after what has arrived by then was read: this process may have been blocked or stopped. */
export function startTimerAfterReading(delayMs: number, task: () => void): () => void {
  let immediate: NodeJS.Immediate | undefined;
  const cancel = startTimer(delayMs, () => {
    immediate = setImmediate(task);
  });
  return () => {
    cancel();
    clearImmediate(immediate);
  };
}

/** Resolves after `delayMs` or when `signal` aborts, whichever is first. Never rejects. */
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
 * Keeps the process alive until `promise` settles. For every promise that is given to a caller: the library's own timers do
 * not keep a process alive, and Node exits with code 13 while one awaits a promise that nothing else can settle.
 */
export function keepProcessAlive<T>(promise: Promise<T>): Promise<T> {
  const timer = setInterval(() => {}, maxDelayMs);
  return promise.finally(() => clearInterval(timer));
}

/**
 * A controller that also aborts with `parent`, until it is disposed. Not `AbortSignal.any`, which keeps the children of
 * a long-lived signal in memory (nodejs/node#55328).
 */
export function childAbortController(parent: AbortSignal): AbortController & { dispose(): void } {
  const child = new AbortController();
  const abort = () => child.abort(parent.reason);
  if (parent.aborted) abort();
  else parent.addEventListener('abort', abort, { once: true });
  return Object.assign(child, { dispose: () => parent.removeEventListener('abort', abort) });
}
