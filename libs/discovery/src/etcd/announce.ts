import type { Etcd3 } from 'etcd3';
import { type AnnounceSession, drainMarkMs } from '../backend.js';
import { DiscoveryError } from '../errors.js';
import type { Instance } from '../instance.js';
import { childOf, sleep } from '../timer.js';
import { keepAlive } from './keep-alive.js';
import type { CheckedEtcdOptions } from './options.js';
import { decodeRecord, encodeRecord, keyOf } from './record.js';
import { type ListHeader, watchFrom } from './watch-stream.js';

/** One announcement: a lease, the record under it, and an eye on both. */
export async function announce(
  etcd: Etcd3,
  options: CheckedEtcdOptions,
  instance: Instance,
  { signal, registered }: AnnounceSession,
): Promise<void> {
  const key = Buffer.from(options.prefix + keyOf(instance));
  const { ID: lease } = await etcd.leaseClient.leaseGrant({ TTL: options.ttlMs / 1_000 });
  const written = await write(etcd, key, instance, lease);
  registered();
  const watching = childOf(signal);
  try {
    await Promise.race([
      keepAlive(etcd, lease, options.ttlMs, watching.signal),
      watchOwn(etcd, key, instance, lease, written, watching.signal),
    ]);
  } finally {
    watching.dispose();
    watching.abort();
  }
  if (signal.aborted) await leave(etcd, key, instance, lease, options.requestTimeoutMs);
}

/**
 * Puts the record under a new lease, over an older one of the same boot: the old lease then has nothing left to take
 * away, and nobody sees the record missing.
 * @throws {DiscoveryError} CONFLICT when the key holds the living record of another process.
 */
async function write(etcd: Etcd3, key: Buffer, instance: Instance, lease: string): Promise<ListHeader> {
  const { kvs } = await etcd.kv.range({ key });
  const before = kvs[0];
  if (before && before.lease !== '0' && !isOurs(before.value, instance)) throw conflict(key);
  const { succeeded, header } = await etcd.kv.txn({
    compare: [{ key, result: 'Equal', target: 'Mod', mod_revision: before?.mod_revision ?? '0' }],
    success: [{ request_put: { key, value: Buffer.from(encodeRecord(instance)), lease } }],
  });
  if (!succeeded)
    throw new DiscoveryError(
      'REGISTRATION_LOST',
      `${key.toString()} was written by someone else at the same moment`,
    );
  return header;
}

/** @throws {DiscoveryError} REGISTRATION_LOST when the own key is deleted, CONFLICT when another process took it. */
async function watchOwn(
  etcd: Etcd3,
  key: Buffer,
  instance: Instance,
  lease: string,
  since: ListHeader,
  signal: AbortSignal,
): Promise<void> {
  for await (const { events } of watchFrom(etcd, { key, range_end: Buffer.alloc(0) }, since, signal)) {
    const last = events.at(-1)!;
    if (last.type === 'Delete')
      throw new DiscoveryError('REGISTRATION_LOST', `${key.toString()} was deleted`);
    if (last.kv.lease === lease) continue;
    if (isOurs(last.kv.value, instance))
      throw new DiscoveryError('REGISTRATION_LOST', `${key.toString()} was put under another lease`);
    throw conflict(key);
  }
}

/** Says that the removal is meant, and removes. What cannot be removed lapses with its lease. */
async function leave(
  etcd: Etcd3,
  key: Buffer,
  instance: Instance,
  lease: string,
  timeoutMs: number,
): Promise<void> {
  const deadline = { deadline: Date.now() + Math.min(timeoutMs, 1_900) };
  await etcd.kv.put(
    { key, value: Buffer.from(encodeRecord({ ...instance, draining: true })), lease },
    deadline,
  );
  await sleep(drainMarkMs);
  await etcd.leaseClient.leaseRevoke({ ID: lease }, deadline);
}

/** Whether a record was written by this boot of this process. */
function isOurs(value: Buffer, instance: Instance): boolean {
  try {
    const { registeredAt, host, port } = decodeRecord(instance, value);
    return registeredAt === instance.registeredAt && host === instance.host && port === instance.port;
  } catch {
    // Garbage belongs to nobody.
    return true;
  }
}

function conflict(key: Buffer): DiscoveryError {
  return new DiscoveryError(
    'CONFLICT',
    `${key.toString()} belongs to another process that lives; give each instance an id of its own`,
  );
}
