import type { Registration, Registry } from '@rollcall/discovery';

/** How long after our own registry handle saw us leave the callers may need to see it too, in ms. */
const spreadMs = 50;
/** The longest that is waited for a registry to tell us that we have left, in ms. */
const spreadTimeoutMs = 1_000;

/**
 * Takes an instance out of the registry and waits until that has spread: until we see it ourselves, and a little more
 * for the callers. Bounded also when the registry is away: about 3 s.
 */
export async function leaveRegistry(registry: Registry, registration: Registration): Promise<void> {
  const { id, service } = registration.instance;
  const watch = registry.watch(service);
  const gone = new Promise<void>((resolve) => {
    const check = () =>
      watch.current.source === 'live' &&
      !watch.current.instances.some((instance) => instance.id === id) &&
      resolve();
    watch.onChange(check);
    const timer = setTimeout(resolve, spreadTimeoutMs);
    timer.unref();
    check();
  });
  await watch.ready(AbortSignal.timeout(200)).catch(() => {});
  await registration.close();
  await gone;
  watch.close();
  await new Promise((resolve) => setTimeout(resolve, spreadMs));
}
