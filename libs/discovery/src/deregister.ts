import { setTimeout as delay } from 'node:timers/promises';
import type { Watch } from './watching/watch.js';
import type { Registration } from './registering/registration.js';

/**
 * How long callers may need to see a removal after our own handle saw it, in ms: a caller that missed the draining mark takes
 * 100 ms longer to accept the removal, and is busy with calls.
 */
const propagationMs = 300;
/** The longest wait for our own handle to see the removal, in ms. */
const removalVisibleWithinMs = 1_000;
/** The longest wait for the first list of a registry that may be unavailable, in ms. */
const firstListWithinMs = 200;

/** What deregistering needs of a registry handle. */
interface Handle {
  readonly closed: boolean;
  watch(service: string): Watch;
}

/**
 * Removes an instance from the registry and waits until callers have seen it. Stop serving only after that. Bounded to about
 * 3 s, also when the registry is unavailable. `forceSignal` ends the waiting, not the removal. Never rejects.
 */
export async function deregister(
  registry: Handle,
  registration: Registration,
  forceSignal: AbortSignal = new AbortController().signal,
): Promise<void> {
  // Closing the handle has removed everything that was registered through it.
  if (registry.closed) return registration.close();
  const watch = registry.watch(registration.instance.service);
  // An unavailable registry lists nothing, so there is no removal to wait for.
  if (!forceSignal.aborted) await watch.ready(AbortSignal.timeout(firstListWithinMs)).catch(() => {});
  await registration.close();
  await waitUntilRemoved(watch, registration.instance.id, forceSignal);
  watch.close();
  await waitFor(propagationMs, forceSignal);
}

async function waitUntilRemoved(watch: Watch, id: string, forceSignal: AbortSignal): Promise<void> {
  const removed = new AbortController();
  const check = () => {
    const { source, instances } = watch.current;
    if (source === 'live' && !instances.some((instance) => instance.id === id)) removed.abort();
  };
  const stop = watch.onChange(check);
  check();
  await waitFor(removalVisibleWithinMs, AbortSignal.any([removed.signal, forceSignal]));
  stop();
}

/** Unlike `sleep`, its timer keeps the process alive. */
async function waitFor(ms: number, signal: AbortSignal): Promise<void> {
  await delay(ms, undefined, { signal }).catch(() => {});
}
