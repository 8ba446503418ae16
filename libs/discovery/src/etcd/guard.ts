import type { IKeyValue } from 'etcd3';
import { DiscoveryError } from '../model/errors.js';
import { sleep } from '../runtime/timers.js';
import type { Claims } from './claims.js';
import type { EtcdClient } from './client.js';
import { follow } from './follow.js';

/** A record of ours, as it should stand in etcd. */
export interface OwnRecord {
  readonly key: string;
  readonly value: Buffer;
  readonly lease: string;
}

/** How long the eye stays shut after trouble, in ms. */
const lookAgainMs = 500;

/**
 * Keeps an eye on the own record until `signal` aborts. Trouble with the looking is none of the record's, as long as its
 * lease is kept alive: it looks again.
 * @throws {DiscoveryError} REGISTRATION_LOST when it was deleted or changed; CONFLICT when someone else has taken it.
 */
export async function guard(
  client: EtcdClient,
  claims: Claims,
  record: OwnRecord,
  signal: AbortSignal,
): Promise<void> {
  while (!signal.aborted) {
    try {
      let standing: IKeyValue | undefined;
      for await (const { changes } of follow(client, { key: Buffer.from(record.key) }, signal)) {
        for (const { kv } of changes) standing = kv;
        assertStands(record, standing, claims);
      }
    } catch (error) {
      if (signal.aborted) return;
      if (error instanceof DiscoveryError && ['REGISTRATION_LOST', 'CONFLICT'].includes(error.code))
        throw error;
    }
    await sleep(lookAgainMs, signal);
  }
}

function assertStands(
  { key, value, lease }: OwnRecord,
  standing: IKeyValue | undefined,
  claims: Claims,
): void {
  if (!standing) throw new DiscoveryError('REGISTRATION_LOST', `${key} was deleted by someone else`);
  if (standing.lease === lease && standing.value.equals(value)) return;
  claims.assertNotTaken(key, standing);
  throw new DiscoveryError('REGISTRATION_LOST', `${key} was overwritten by someone else`);
}
