import type { Registry } from '@rollcall/discovery';

/** A registry to write bursts of records to, and two ways to observe them. */
export interface BenchRegistry {
  /** The control: only counts the records of `service`. */
  control(service: string): Promise<Observation>;
  /** What is measured: a watch of the library. */
  watch(service: string): Promise<Observation>;
  /** Writes the records `from` to `to` (exclusive) of `service`. */
  register(service: string, from: number, to: number): Promise<void>;
  close(): Promise<void>;
}

export interface Observation {
  readonly instances: () => number;
  /** How often the observer was notified. */
  readonly notifications: () => number;
  readonly close: () => Promise<void>;
}

/** A watch as users have it. Resolves when it is ready. */
export async function observeWatch(registry: Registry, service: string): Promise<Observation> {
  const watch = registry.watch(service);
  let notifications = 0;
  watch.onChange(() => (notifications += 1));
  await watch.ready();
  return {
    instances: () => watch.current.instances.length,
    notifications: () => notifications,
    close: async () => watch.close(),
  };
}
