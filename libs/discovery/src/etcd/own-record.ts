import type { CompareTarget, IKeyValue } from 'etcd3';
import type { OwnRecord } from '../backend/backend.js';
import { runUntilFirstEnds, sendHeartbeats } from '../backend/keep-record.js';
import { DiscoveryError } from '../model/errors.js';
import { addressOf, type Instance } from '../model/instance.js';
import { sleep } from '../runtime/timers.js';
import type { EtcdClient } from './client.js';
import type { Layout } from './layout.js';
import { listAndWatch } from './list-and-watch.js';
import type { Ownership } from './ownership.js';

/** Delay before a failed watch of the own record is restarted, in ms. */
const rewatchDelayMs = 500;

export interface RecordContext {
  readonly client: EtcdClient;
  readonly layout: Layout;
  readonly ownership: Ownership;
  readonly ttlMs: number;
}

/** The record of one instance: a key under a lease, and a watch on it. */
export class EtcdRecord implements OwnRecord {
  readonly markDraining?: (signal: AbortSignal) => Promise<void>;
  readonly #context: RecordContext;
  readonly #key: Buffer;
  #instance: Instance;
  #value: Buffer = Buffer.alloc(0);
  /** The lease of the last successful write, and that of the last attempt, which may have succeeded unnoticed. */
  #lease: string | undefined;
  #attemptedLease: string | undefined;
  /** The revision that created the record. */
  #created: string | undefined;

  constructor(context: RecordContext, instance: Instance) {
    this.#context = context;
    this.#instance = instance;
    this.#key = Buffer.from(context.layout.keyOf(instance));
    if (context.layout.carriesDraining) this.markDraining = (signal) => this.#markDraining(signal);
  }

  /**
   * Writes the record under a new lease, over an older one. etcd detaches the record from the old lease, which then expires
   * with nothing to delete: no reader sees the record missing.
   */
  async write(instance: Instance, signal: AbortSignal): Promise<void> {
    const { client, layout, ownership, ttlMs } = this.#context;
    const lease = ownership.newLease();
    const value = layout.write(instance);
    for (;;) {
      const [found] = (await client.call('KV', 'range', { key: this.#key }, signal)).kvs;
      if (found) {
        const address = layout.addressIn(this.#key.toString(), found.value);
        ownership.assertReplaceable(found, this.#created, address === addressOf(instance));
      }
      if (this.#attemptedLease !== lease) {
        this.#attemptedLease = lease;
        await client.call('Lease', 'leaseGrant', { ID: lease, TTL: ttlMs / 1_000 }, signal);
      }
      const put = putIfUnchanged(this.#key, found, value, lease);
      const { succeeded, header } = await client.call('KV', 'txn', put, signal);
      // Otherwise the record has changed since it was read: an old lease expired, or another instance wrote it.
      if (!succeeded) continue;
      this.#instance = instance;
      this.#lease = lease;
      this.#value = value;
      this.#created = found?.create_revision ?? header.revision;
      return;
    }
  }

  keep(signal: AbortSignal): Promise<void> {
    const { client, ttlMs } = this.#context;
    const lease = this.#lease!;
    return runUntilFirstEnds(signal, [
      (session) =>
        sendHeartbeats(
          (remainingMs) => client.renewLease(lease, remainingMs, session),
          { what: `lease ${lease}`, ttlMs, fatal: ['REGISTRATION_LOST'] },
          session,
        ),
      (session) => this.#watchOwnRecord(session),
    ]);
  }

  async remove(signal: AbortSignal): Promise<void> {
    for (const lease of new Set([this.#attemptedLease, this.#lease])) {
      if (lease) await this.#context.client.call('Lease', 'leaseRevoke', { ID: lease }, signal);
    }
    this.#created = undefined;
  }

  async #markDraining(signal: AbortSignal): Promise<void> {
    const { client, layout } = this.#context;
    const [found] = (await client.call('KV', 'range', { key: this.#key }, signal)).kvs;
    if (!found || (found.lease !== this.#lease && found.lease !== this.#attemptedLease)) return;
    const value = layout.write({ ...this.#instance, draining: true });
    await client.call('KV', 'txn', putIfUnchanged(this.#key, found, value, found.lease), signal);
  }

  /**
   * Watches the own record until `signal` aborts. A watch that fails says nothing about the record as long as its lease is
   * kept alive, so it is started again.
   * @throws {DiscoveryError} REGISTRATION_LOST when the record was deleted or changed; CONFLICT when another instance took it.
   */
  async #watchOwnRecord(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      try {
        let present: IKeyValue | undefined;
        for await (const { changes } of listAndWatch(this.#context.client, { key: this.#key }, signal)) {
          for (const { kv } of changes) present = kv;
          this.#assertUnchanged(present);
        }
      } catch (error) {
        if (signal.aborted) return;
        if (error instanceof DiscoveryError && ['REGISTRATION_LOST', 'CONFLICT'].includes(error.code))
          throw error;
      }
      await sleep(rewatchDelayMs, signal);
    }
  }

  #assertUnchanged(present: IKeyValue | undefined): void {
    if (!present) throw new DiscoveryError('REGISTRATION_LOST', `${this.#key.toString()} was deleted`);
    if (present.lease === this.#lease && present.value.equals(this.#value)) return;
    this.#context.ownership.assertNotTaken(present);
    throw new DiscoveryError('REGISTRATION_LOST', `${this.#key.toString()} was overwritten`);
  }
}

/** The value, since the package is loaded on demand. */
const modRevision: CompareTarget.Mod = 2;

/** A transaction that writes unless the key has changed since `found` was read. */
function putIfUnchanged(key: Buffer, found: IKeyValue | undefined, value: Buffer, lease: string) {
  return {
    compare: [{ key, target: modRevision, mod_revision: found?.mod_revision ?? 0 }],
    success: [{ request_put: { key, value, lease } }],
  };
}
