import { setTimeout as sleep } from 'node:timers/promises';
import { openRegistry } from '@rollcall/discovery';
import type { Reader } from './bench-registry.js';
import { type Scope, service } from './messages.js';

/** The library as users have it. */
export async function openLibrary(url: string, scope: Scope): Promise<Reader> {
  // Without lingering, the session of one round costs nothing in the next.
  const registry = await openRegistry(url, { lingerMs: 0 });
  const open = () => (scope === 'service' ? registry.watch(service) : registry.watchAll());
  let watch: ReturnType<typeof open> | undefined;
  return {
    async list() {
      watch = open();
      return (await watch.ready()).instances.length;
    },
    async watch(onChange) {
      watch = open();
      const { instances } = await watch.ready();
      watch.onChange(onChange);
      return instances.length;
    },
    async close() {
      watch?.close();
      watch = undefined;
      // The session ends in a timer, even without lingering.
      await sleep(20);
    },
  };
}
