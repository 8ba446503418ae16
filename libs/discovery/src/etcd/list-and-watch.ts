import type { IKeyValue } from 'etcd3';
import { DiscoveryError } from '../model/errors.js';
import type { EtcdClient } from './client.js';
import type { KeyRange } from './layout.js';
import type { Watch } from './watch.js';

/** The new state of a key; without `kv` it was deleted. */
export interface KeyChange {
  readonly key: string;
  readonly kv?: IKeyValue;
}

export interface KeyChanges {
  readonly changes: readonly KeyChange[];
  /** Of the store, after these changes. */
  readonly revision: number;
  /** False while the list is read. */
  readonly complete: boolean;
}

type Page = ReturnType<EtcdClient['list']>;

/** Keys a page: reading one blocks the event loop for some 20 ms. */
const pageKeys = 2_000;

/**
 * Yields the keys of a range, and then every change, without a gap.
 *
 * The watch is opened before the list is read, from the current revision; events that the list already contains are
 * dropped. List first, then watch from the next revision, would leave a moment in which the store may be replaced by an
 * empty one or a backup: etcd silently accepts a start revision ahead of that store, and skips events when the store has
 * passed it. Here every replacement ends the stream, and no request needs a compacted revision.
 * @throws {DiscoveryError} on the first failure, and when `signal` aborts.
 */
export async function* listAndWatch(
  client: EtcdClient,
  range: KeyRange,
  signal: AbortSignal,
): AsyncGenerator<KeyChanges, never> {
  const watch = await client.watch(range, signal);
  try {
    const listed = yield* list(client, range, watch, signal);
    // Not with the last page, which the suspended generators would keep in memory until the first change.
    yield { changes: [], revision: listed, complete: true };
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

/** Yields the pages of the list. Returns its revision. */
async function* list(
  client: EtcdClient,
  range: KeyRange,
  watch: Watch,
  signal: AbortSignal,
): AsyncGenerator<KeyChanges, number> {
  let listed = 0;
  const readPage = (key: Buffer) => client.list({ ...range, key, limit: pageKeys, revision: listed }, signal);
  for (let page: Page | undefined = readPage(range.key); page;) {
    const { header, kvs, more }: Awaited<Page> = await page;
    listed ||= Number(header.revision);
    if (header.cluster_id !== watch.clusterId || listed < watch.revisionAtStart) {
      throw new DiscoveryError('REGISTRY_UNAVAILABLE', 'the list and the watch come from different stores');
    }
    // etcd reads the next page while this one is parsed.
    page = more ? readPage(Buffer.concat([kvs.at(-1)!.key, Buffer.alloc(1)])) : undefined;
    page?.catch(() => {});
    const changes = kvs.map((kv) => ({ key: kv.key.toString(), kv }));
    yield { changes, revision: listed, complete: false };
  }
  return listed;
}
