import { Registry } from '@rollcall/discovery';
import { MemoryRegistry } from '@rollcall/discovery/testing';
import { type BenchRegistry, observeWatch } from './bench-registry.js';

/** Records in this process: the cost of the library alone. The control reads every set as it arrives. */
export async function memoryRegistry(): Promise<BenchRegistry> {
  const memory = new MemoryRegistry();
  // Without lingering, the watch of one round costs nothing in the next.
  const registry = new Registry(memory.open(), { lingerMs: 0 });
  return {
    async control(service) {
      const stop = new AbortController();
      let [count, notifications] = [0, 0];
      const counting = (async () => {
        const session = { signal: stop.signal, rejected: () => {} };
        for await (const { instances } of memory.open().observe(service, session)) {
          count = instances.length;
          notifications += 1;
        }
      })();
      const close = async () => {
        stop.abort();
        await counting;
      };
      return { instances: () => count, notifications: () => notifications, close };
    },
    watch: (service) => observeWatch(registry, service),
    async register(service, from, to) {
      for (let number = from; number < to; number++) {
        memory.put({ id: `instance-${number}`, service, host: '10.0.0.1', port: 10_000 + number });
      }
    },
    close: () => registry.close(),
  };
}
