import type { ObservedSet, ObserveSession } from '../backend/backend.js';
import { DiscoveryError } from '../model/errors.js';
import type { Instance } from '../model/instance.js';
import type { EtcdClient } from './client.js';
import { listAndWatch } from './list-and-watch.js';
import type { Layout } from './layout.js';

/** The instances of a service, or of all. A record costs when it changes, not when another does. */
export async function* observe(
  client: EtcdClient,
  layout: Layout,
  service: string | undefined,
  { signal, rejected }: ObserveSession,
): AsyncGenerator<ObservedSet, void> {
  const instances = new Map<string, Instance>();
  try {
    for await (const { changes, revision, complete } of listAndWatch(
      client,
      layout.rangeOf(service),
      signal,
    )) {
      for (const { key, kv } of changes) {
        instances.delete(key);
        try {
          const instance = kv && layout.read(key, kv.value);
          if (instance) instances.set(key, instance);
        } catch (error) {
          rejected(key, DiscoveryError.from(error, 'INVALID_RECORD', key));
        }
      }
      if (complete) yield { instances: [...instances.values()], revision: String(revision) };
      if (signal.aborted) return;
    }
  } catch (error) {
    if (!signal.aborted) throw error;
  }
}
