import type { Registration, Registry, Watch } from '@rollcall/discovery';

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
  // A registry that is away tells nothing; then nobody can be waited for.
  await watch.ready(AbortSignal.timeout(200)).catch(() => {});
  await registration.close();
  await unlisted(watch, id);
  watch.close();
  await new Promise((resolve) => setTimeout(resolve, spreadMs));
}

/** Resolves when the registry no longer lists the instance, or when that takes too long. */
function unlisted(watch: Watch, id: string): Promise<void> {
  return new Promise((resolve) => {
    const check = () => {
      const { source, instances } = watch.current;
      if (source === 'live' && !instances.some((instance) => instance.id === id)) finish();
    };
    const stop = watch.onChange(check);
    const timer = setTimeout(() => finish(), spreadTimeoutMs);
    const finish = () => {
      clearTimeout(timer);
      stop();
      resolve();
    };
    check();
  });
}
