import { DiscoveryError } from '../model/errors.js';
import { startTimer } from '../runtime/timers.js';

/** Deadline of one step in the file system, in ms: a network directory can hang for ever. */
const stepTimeoutMs = 5_000;

/**
 * Waits for `work` at most until the deadline; the work itself cannot be cancelled.
 * @throws {DiscoveryError} REGISTRY_UNAVAILABLE when it fails with another error or takes too long.
 */
export async function withStepTimeout<T>(where: string, work: Promise<T>): Promise<T> {
  let cancel = () => {};
  const timeout = new Promise<never>((_, reject) => {
    cancel = startTimer(stepTimeoutMs, () => reject(new Error(`no response within ${stepTimeoutMs} ms`)));
  });
  try {
    return await Promise.race([work, timeout]);
  } catch (error) {
    throw DiscoveryError.from(error, 'REGISTRY_UNAVAILABLE', where);
  } finally {
    cancel();
  }
}

/** Waits for `work` until `signal` aborts; its outcome is ignored then. */
export function unlessAborted(signal: AbortSignal, work: Promise<void>): Promise<void> {
  return new Promise((resolve, reject) => {
    const stop = () => resolve();
    signal.addEventListener('abort', stop);
    if (signal.aborted) stop();
    work.then(resolve, reject).finally(() => signal.removeEventListener('abort', stop));
  });
}
