import { DiscoveryError } from '../model/errors.js';
import { startTimer } from '../runtime/timers.js';

/** How long the file system may take for one step, in ms: a directory on a network can hang for ever. */
export const stepDeadlineMs = 5_000;

/**
 * Waits for `work`, and no longer than `deadlineMs`: the work itself cannot be called off.
 * @throws {DiscoveryError} REGISTRY_UNAVAILABLE when it fails, unless it says why itself, or takes too long.
 */
export async function within<T>(deadlineMs: number, where: string, work: Promise<T>): Promise<T> {
  let cancel = () => {};
  const late = new Promise<never>((_, reject) => {
    cancel = startTimer(deadlineMs, () =>
      reject(new DiscoveryError('REGISTRY_UNAVAILABLE', `${where} did not answer within ${deadlineMs} ms`)),
    );
  });
  try {
    return await Promise.race([work, late]);
  } catch (error) {
    throw DiscoveryError.from(error, 'REGISTRY_UNAVAILABLE', where);
  } finally {
    cancel();
  }
}

/** Waits for `work`, but not after `signal` has aborted: how it ends then is nobody's business any more. */
export async function unlessAborted(signal: AbortSignal, work: Promise<void>): Promise<void> {
  let stop = () => {};
  const aborted = new Promise<void>((resolve) => {
    stop = resolve;
    signal.addEventListener('abort', stop);
    if (signal.aborted) stop();
  });
  try {
    await Promise.race([aborted, work]);
  } catch (error) {
    if (!signal.aborted) throw error;
  } finally {
    signal.removeEventListener('abort', stop);
  }
}
