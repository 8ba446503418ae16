import type { Registry } from '@rollcall/discovery';
import type { Sight } from './source.js';

/** A watch as a user has it, ready. */
export async function watchSight(registry: Registry, service: string): Promise<Sight> {
  const watch = registry.watch(service);
  let told = 0;
  watch.onChange(() => (told += 1));
  await watch.ready();
  return { seen: () => watch.current.instances.length, told: () => told, close: async () => watch.close() };
}
