import { Registry } from '@rollcall/discovery';
import { MemoryRegistry } from '@rollcall/discovery/testing';
import type { Source } from './source.js';
import { watchSight } from './watch-sight.js';

/** Records in this process: what the library costs by itself. The control reads every set as it comes. */
export async function memorySource(): Promise<Source> {
  const memory = new MemoryRegistry();
  // What was looked at before is not to be in the next measurement.
  const registry = new Registry(memory.open(), { lingerMs: 0 });
  return {
    async count(service) {
      const stop = new AbortController();
      let [seen, told] = [0, 0];
      const counting = (async () => {
        const session = { signal: stop.signal, rejected: () => {} };
        for await (const { instances } of memory.open().observe(service, session)) {
          seen = instances.length;
          told += 1;
        }
      })();
      const close = async () => {
        stop.abort();
        await counting;
      };
      return { seen: () => seen, told: () => told, close };
    },
    watch: (service) => watchSight(registry, service),
    async register(service, from, to) {
      for (let number = from; number < to; number++) {
        memory.put({ id: `instance-${number}`, service, host: '10.0.0.1', port: 10_000 + number });
      }
    },
    close: () => registry.close(),
  };
}
