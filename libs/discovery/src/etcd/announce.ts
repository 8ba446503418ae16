// Its timer is not unref'ed: with nothing else left to do the process would end before the removal.
import { setTimeout as pause } from 'node:timers/promises';
import { CompareTarget } from 'etcd3';
import { type AnnounceSession, drainingVisibleMs } from '../backend/backend.js';
import { DiscoveryError } from '../model/errors.js';
import { addressOf, type Instance } from '../model/instance.js';
import { startTimer, childAbortController } from '../runtime/timers.js';
import type { Claims } from './claims.js';
import type { EtcdClient } from './client.js';
import { guard, type OwnRecord } from './guard.js';
import type { Layout } from './layout.js';
import { keepLease } from './lease.js';

/** What all announcements of one backend share. */
export interface Announcer {
  readonly client: EtcdClient;
  readonly layout: Layout;
  readonly claims: Claims;
  readonly ttlMs: number;
}

/** For all of leaving, in ms; less than the 2 s that are promised, for what comes after. */
const leaveWithinMs = 1_800;
/** How long after a removal that failed the next one is tried, in ms. */
const removeAgainMs = 100;

/** One announcement: a lease, the record under it, and an eye on both. See `Backend.announce`. */
export async function announce(
  announcer: Announcer,
  instance: Instance,
  { signal, registered }: AnnounceSession,
): Promise<void> {
  const { layout, claims } = announcer;
  const record = { key: layout.keyOf(instance), value: layout.write(instance), lease: claims.newLease() };
  try {
    await write(announcer, instance, record, signal);
    registered();
    await keep(announcer, record, signal);
  } catch (error) {
    if (!signal.aborted) throw error;
  }
  await leave(announcer, instance, record);
  claims.withdrawn(record.key);
}

/**
 * Puts the record under a new lease, over what is left of an earlier one. etcd detaches it from the old lease, which
 * then expires with nothing to take away: nobody sees the record missing.
 * @throws {DiscoveryError} CONFLICT when it is someone else's.
 */
async function write(
  { client, layout, claims, ttlMs }: Announcer,
  instance: Instance,
  { key, value, lease }: OwnRecord,
  signal: AbortSignal,
): Promise<void> {
  const name = Buffer.from(key);
  let leased = false;
  for (;;) {
    const [found] = (await client.call('KV', 'range', { key: name }, signal)).kvs;
    if (found) {
      claims.assertReplaceable(key, found, layout.addressIn(key, found.value) === addressOf(instance));
    }
    if (!leased) await client.call('Lease', 'leaseGrant', { ID: lease, TTL: ttlMs / 1_000 }, signal);
    leased = true;
    const { succeeded, header } = await client.call(
      'KV',
      'txn',
      {
        compare: [{ key: name, target: CompareTarget.Mod, mod_revision: found?.mod_revision ?? 0 }],
        success: [{ request_put: { key: name, value, lease } }],
      },
      signal,
    );
    // Else it is not any more what was read: an old lease has expired, or someone else is at it, too.
    if (succeeded) return claims.written(key, found?.create_revision ?? header.revision);
  }
}

/** Keeps the lease and guards the record, until `signal` aborts or one of the two throws. */
async function keep(
  { client, claims, ttlMs }: Announcer,
  record: OwnRecord,
  signal: AbortSignal,
): Promise<void> {
  const session = childAbortController(signal);
  const both = [
    keepLease(client, record.lease, ttlMs, session.signal),
    guard(client, claims, record, session.signal),
  ];
  try {
    await Promise.race(both);
  } finally {
    session.abort();
    session.dispose();
    await Promise.allSettled(both);
  }
}

/** Removes the record, as far as that can be done in time. What cannot be removed expires with its lease. */
async function leave(announcer: Announcer, instance: Instance, record: OwnRecord): Promise<void> {
  const bound = new AbortController();
  const cancel = startTimer(leaveWithinMs, () => bound.abort());
  while (!bound.signal.aborted) {
    try {
      await remove(announcer, instance, record, bound.signal);
      break;
    } catch (error) {
      // Else it has forgotten us already, or will not let us.
      if (!(error instanceof DiscoveryError) || error.code !== 'REGISTRY_UNAVAILABLE') break;
      await pause(removeAgainMs);
    }
  }
  cancel();
}

/** Says that the removal is meant, and removes. */
async function remove(
  { client, layout }: Announcer,
  instance: Instance,
  { key, lease }: OwnRecord,
  signal: AbortSignal,
): Promise<void> {
  if (layout.carriesDraining) {
    const name = Buffer.from(key);
    const put = { key: name, value: layout.write({ ...instance, draining: true }), lease };
    const { succeeded } = await client.call(
      'KV',
      'txn',
      {
        compare: [{ key: name, target: CompareTarget.Lease, lease }],
        success: [{ request_put: put }],
      },
      signal,
    );
    if (succeeded) await pause(drainingVisibleMs);
  }
  await client.call('Lease', 'leaseRevoke', { ID: lease }, signal);
}
