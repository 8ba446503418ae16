import type { Registration } from './registration.js';
import type { Registry, Watch } from '../registry.js';

/**
 * How long after our own handle saw us leave the callers may need to see it too, in ms: one that has missed the mark takes
 * 100 ms more to believe that we are gone, and has other work to do.
 */
const spreadMs = 300;
/** The longest that is waited for a registry to tell us that we have left, in ms. */
const spreadTimeoutMs = 1_000;
/** The longest that is waited for the first word of a registry that may be away, in ms. */
const firstWordMs = 200;

/**
 * Takes an instance out of the registry and waits until that has spread: until we see it ourselves, and a little more
 * for the callers. Only then is it time to stop serving. Bounded also when the registry is away: about 3 s; `hurry`
 * ends the waiting, not the removal. Never rejects.
 */
export async function deregister(
  registry: Registry,
  registration: Registration,
  hurry: AbortSignal = new AbortController().signal,
): Promise<void> {
  // Whoever closed the handle has taken everything out that was registered with it.
  if (registry.closed) return registration.close();
  const { id, service } = registration.instance;
  const watch = registry.watch(service);
  // A registry that is away tells nothing; then nobody can be waited for.
  if (!hurry.aborted) await watch.ready(AbortSignal.timeout(firstWordMs)).catch(() => {});
  await registration.close();
  await within(spreadTimeoutMs, hurry, (gone) => {
    const check = () => {
      if (isGone(watch, id)) gone();
    };
    check();
    return watch.onChange(check);
  });
  watch.close();
  await within(spreadMs, hurry, () => () => {});
}

function isGone({ current: { source, instances } }: Watch, id: string): boolean {
  return source === 'live' && !instances.some((instance) => instance.id === id);
}

/**
 * Resolves when `start` calls what it is given, after `ms`, or when `hurry` aborts; then calls what `start` returned. It
 * keeps the process: one whose last act is to leave must not end in the middle of it.
 */
async function within(
  ms: number,
  hurry: AbortSignal,
  start: (done: () => void) => () => void,
): Promise<void> {
  let stop = () => {};
  let timer: NodeJS.Timeout | undefined;
  let done = () => {};
  await new Promise<void>((resolve) => {
    done = resolve;
    timer = setTimeout(resolve, ms);
    hurry.addEventListener('abort', done);
    if (hurry.aborted) done();
    else stop = start(done);
  });
  clearTimeout(timer);
  hurry.removeEventListener('abort', done);
  stop();
}
