import type { Etcd3, IWatchResponse } from 'etcd3';
import { DiscoveryError } from '../errors.js';
import type { KeyRange } from './keys.js';

/** Where a watch begins: what the list before it said of the store. */
export interface ListHeader {
  readonly revision: string;
  readonly cluster_id: string;
}

/**
 * What happens in a range of keys after a list, without a gap, until `signal` aborts. Never resumes: etcd3's own
 * watcher does, and loses events without a word when its connection is cut right after it was made; one that goes on
 * at the revision of a store that no longer exists hears nothing for ever.
 * @throws {DiscoveryError} REGISTRY_UNAVAILABLE on any trouble: list again.
 */
export async function* watchFrom(
  etcd: Etcd3,
  range: KeyRange,
  list: ListHeader,
  signal: AbortSignal,
): AsyncGenerator<IWatchResponse> {
  const stream = await etcd.watchClient.watch();
  const arrived: IWatchResponse[] = [];
  let failure: Error | undefined;
  let wake = () => {};
  const fail = (error: Error) => {
    failure ??= error;
    wake();
  };
  stream.on('data', (response) => {
    arrived.push(response);
    wake();
  });
  // Stays for good: a stream that is cancelled emits one more error, and without a listener the process would die.
  stream.on('error', fail);
  stream.on('end', () => fail(new Error('etcd ended the watch')));
  const stop = () => wake();
  signal.addEventListener('abort', stop);
  try {
    stream.write({ create_request: { ...range, start_revision: (BigInt(list.revision) + 1n).toString() } });
    let revision = BigInt(list.revision);
    while (!signal.aborted) {
      if (failure) throw DiscoveryError.from(failure, 'REGISTRY_UNAVAILABLE', 'watch');
      const response = arrived.shift();
      if (!response) {
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
        continue;
      }
      assertGoesOn(response, list, revision);
      revision = BigInt(response.header.revision);
      if (response.events.length > 0) yield response;
    }
  } finally {
    signal.removeEventListener('abort', stop);
    stream.cancel();
  }
}

function assertGoesOn(
  { header, canceled, cancel_reason, compact_revision }: IWatchResponse,
  list: ListHeader,
  revision: bigint,
): void {
  if (canceled) {
    const reason = compact_revision === '0' ? cancel_reason : `compacted at revision ${compact_revision}`;
    throw new DiscoveryError(
      'REGISTRY_UNAVAILABLE',
      `etcd ended the watch: ${reason || 'it gave no reason'}`,
    );
  }
  if (header.cluster_id !== list.cluster_id) {
    throw new DiscoveryError(
      'REGISTRY_UNAVAILABLE',
      `another cluster answers: ${header.cluster_id} in place of ${list.cluster_id}`,
    );
  }
  if (BigInt(header.revision) < revision) {
    throw new DiscoveryError(
      'REGISTRY_UNAVAILABLE',
      `the store went back from revision ${revision} to ${header.revision}`,
    );
  }
}
