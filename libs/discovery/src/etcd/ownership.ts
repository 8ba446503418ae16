import { randomInt } from 'node:crypto';
import type { IKeyValue } from 'etcd3';
import { DiscoveryError } from '../model/errors.js';

/** Distinguishes records of this backend from those of others. One for each backend. */
export class Ownership {
  /**
   * The upper half of the id of each of our leases. It identifies a record that we wrote in any format, also in a restored
   * backup of the store.
   */
  readonly #leasePrefix = BigInt(randomInt(1, 2 ** 31));

  /** The id for a new lease: a positive int64. */
  newLease(): string {
    return String((this.#leasePrefix << 32n) + BigInt(randomInt(2 ** 32)));
  }

  /**
   * Of two instances with one key the first keeps it, also when the second has written over it. Our own address is the
   * exception: no other process can listen there, so the record is a leftover of an earlier boot and is replaced, once.
   * @param created the revision that created our record, which stays the same when somebody overwrites it.
   * @throws {DiscoveryError} CONFLICT when the record is another instance's.
   */
  assertReplaceable(found: IKeyValue, created: string | undefined, isAtOurAddress: boolean): void {
    const isOurs = isAtOurAddress ? created === undefined : created === found.create_revision;
    if (!isOurs && !this.#isFree(found)) throw conflict(found, 'is kept alive by');
  }

  /** @throws {DiscoveryError} CONFLICT when another instance has overwritten our record. */
  assertNotTaken(found: IKeyValue): void {
    if (!this.#isFree(found)) throw conflict(found, 'was overwritten by');
  }

  /** Ours, or not kept alive by anyone: a record without a lease. */
  #isFree({ lease }: IKeyValue): boolean {
    return lease === '0' || BigInt(lease) >> 32n === this.#leasePrefix;
  }
}

function conflict({ key, lease }: IKeyValue, what: string): DiscoveryError {
  return new DiscoveryError(
    'CONFLICT',
    `${key.toString()} ${what} another instance (lease ${lease}): use a unique id for each instance`,
  );
}
