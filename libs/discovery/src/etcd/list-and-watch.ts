import type { IKeyValue } from 'etcd3';
import { DiscoveryError } from '../model/errors.js';
import type { EtcdClient } from './client.js';
import type { KeyRange } from './layout.js';

/** A key as it is from now on; without `kv` it is gone. */
export interface KeyChange {
  readonly key: string;
  readonly kv?: IKeyValue;
}

export interface KeyChanges {
  readonly changes: readonly KeyChange[];
  /** Of the store, after these changes. */
  readonly revision: number;
  /** False for all but the last page of the list. */
  readonly complete: boolean;
}

/** Keys a page: while one is read the event loop is held for some 20 ms, between two it is free. */
const pageKeys = 1_000;

/**
 * What stands in a range, and then everything that happens to it, without a gap.
 *
 * The watch is opened first, from now on, and the list is read under its eyes; events that the list already shows are
 * dropped. The other way round (list, then watch from the next revision) there is a moment without a watch, in which the
 * store may be replaced by an empty one or a backup: a start revision that lies ahead of it is then accepted in
 * silence, and one that it has passed again skips what it must not. Here every replacement ends the stream, and nothing
 * is asked for that could be compacted.
 * @throws {DiscoveryError} at the first trouble, and when `signal` aborts.
 */
export async function* listAndWatch(
  client: EtcdClient,
  range: KeyRange,
  signal: AbortSignal,
): AsyncGenerator<KeyChanges, never> {
  const watch = await client.watch(range, signal);
  try {
    let listed = 0;
    let complete = false;
    for (let key = range.key; !complete;) {
      const request = { ...range, key, limit: pageKeys, revision: listed };
      const { header, kvs, more } = await client.call('KV', 'range', request, signal);
      listed ||= Number(header.revision);
      if (header.cluster_id !== watch.clusterId || listed < watch.revisionAtStart) {
        throw new DiscoveryError('REGISTRY_UNAVAILABLE', 'the list and the watch come from two stores');
      }
      complete = !more;
      const last = kvs.at(-1);
      if (last) key = Buffer.concat([last.key, Buffer.alloc(1)]);
      yield { changes: kvs.map((kv) => ({ key: kv.key.toString(), kv })), revision: listed, complete };
    }
    for (;;) {
      const events = await watch.next();
      const changes = events
        .filter(({ kv }) => Number(kv.mod_revision) > listed)
        .map(({ type, kv }) => ({ key: kv.key.toString(), ...(type === 'Put' && { kv }) }));
      yield { changes, revision: Math.max(listed, watch.revision), complete: true };
    }
  } finally {
    watch.close();
  }
}
