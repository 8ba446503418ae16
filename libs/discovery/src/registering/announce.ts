import type { OwnRecord } from '../backend/backend.js';
import { DiscoveryError } from '../model/errors.js';
import type { Instance } from '../model/instance.js';
import { childAbortController, sleep, startTimer } from '../runtime/timers.js';
import { DesiredInstance } from './desired-instance.js';

/**
 * How long a record is shown as `draining` before it is removed, in ms: long enough to be read by a caller whose event loop
 * is full of calls.
 */
const drainingVisibleMs = 200;

/** How long a write may go on after the caller has aborted, in ms: the removal must come after it. */
const writeGraceMs = 250;
/** Deadline of {@link withdraw}, in ms. Together with the grace of a write it stays below the promised 2 s. */
const withdrawWithinMs = 1_700;
/** The part of it for marking, in ms. */
const markWithinMs = 600;
/** Delay before a failed mark or removal is retried, in ms. */
const retryDelayMs = 100;

export interface AnnounceSession {
  /** Withdraws the record and ends the session without throwing. */
  readonly signal: AbortSignal;
  /** Called when the record is written and others can see it: once, and after each replacement of the instance. */
  registered(): void;
  /** Whether the instance is written as draining. Default false. */
  readonly draining?: boolean;
}

/**
 * One session of an instance in a registry: writes its record, keeps it, and withdraws it when `signal` aborts, within 2 s
 * whatever the registry does. An instance that is replaced is written over its record, which is never missing.
 * @throws {DiscoveryError} as soon as the record could not be written or is lost. It may still be in the registry then.
 */
export async function announce(
  record: OwnRecord,
  instance: Instance | DesiredInstance,
  { signal, registered, draining = false }: AnnounceSession,
): Promise<void> {
  if (signal.aborted) return;
  const desired = instance instanceof DesiredInstance ? instance : new DesiredInstance(instance);
  try {
    while (!signal.aborted) {
      const { version, replaced } = desired;
      await write(record, draining ? { ...desired.instance, draining } : desired.instance, signal);
      if (signal.aborted) break;
      desired.markShown(version);
      registered();
      await keepUntil(replaced, record, signal);
    }
  } catch (error) {
    if (!signal.aborted) throw error;
  }
  await withdraw(record);
}

/** @throws {DiscoveryError} when the record is lost before it is replaced. */
async function keepUntil(replaced: AbortSignal, record: OwnRecord, signal: AbortSignal): Promise<void> {
  if (replaced.aborted) return;
  const session = childAbortController(signal);
  const abort = () => session.abort();
  replaced.addEventListener('abort', abort);
  try {
    await record.keep(session.signal);
  } catch (error) {
    // The next write finds out whether the record is still there.
    if (!session.signal.aborted) throw error;
  } finally {
    replaced.removeEventListener('abort', abort);
    session.dispose();
  }
  if (!session.signal.aborted)
    throw new DiscoveryError('REGISTRATION_LOST', 'the session with the registry ended');
}

/**
 * Marks the record as draining, shows that for a moment, and removes it. What fails is retried until the deadline; the
 * registry drops what cannot be removed when its time to live is over.
 */
export async function withdraw(record: OwnRecord, withinMs: number = withdrawWithinMs): Promise<void> {
  const deadline = new AbortController();
  const cancelDeadline = startTimer(withinMs, () => deadline.abort());
  const marking = childAbortController(deadline.signal);
  const cancelMarking = startTimer(markWithinMs, () => marking.abort());
  const isMarked =
    record.markDraining && (await attempt(marking.signal, () => record.markDraining!(marking.signal)));
  cancelMarking();
  marking.dispose();
  if (isMarked) await sleep(drainingVisibleMs, deadline.signal);
  await attempt(deadline.signal, () => record.remove(deadline.signal));
  cancelDeadline();
}

/** Runs `operation` until it succeeds, the registry refuses it, or `signal` aborts. Returns whether it succeeded. */
async function attempt(signal: AbortSignal, operation: () => Promise<void>): Promise<boolean> {
  while (!signal.aborted) {
    try {
      // Not waited for after the deadline, even if the backend does not end it.
      return await untilAborted(signal, operation());
    } catch (error) {
      // Any other code is permanent: the record is already gone, or the registry rejects the removal.
      if (!(error instanceof DiscoveryError) || error.code !== 'REGISTRY_UNAVAILABLE') return false;
      await sleep(retryDelayMs, signal);
    }
  }
  return false;
}

/** Settles as `operation` does, or resolves with false when `signal` aborts before. */
function untilAborted(signal: AbortSignal, operation: Promise<void>): Promise<boolean> {
  return new Promise((resolve, reject) => {
    const abort = () => resolve(false);
    signal.addEventListener('abort', abort);
    operation.then(() => resolve(true), reject).finally(() => signal.removeEventListener('abort', abort));
  });
}

async function write(record: OwnRecord, instance: Instance, signal: AbortSignal): Promise<void> {
  const grace = new AbortController();
  let cancel = () => {};
  const onAbort = () => {
    cancel = startTimer(writeGraceMs, () => grace.abort());
  };
  signal.addEventListener('abort', onAbort, { once: true });
  try {
    await record.write(instance, grace.signal);
  } finally {
    signal.removeEventListener('abort', onAbort);
    cancel();
  }
}
