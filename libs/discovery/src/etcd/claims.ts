import { randomInt } from 'node:crypto';
import type { IKeyValue } from 'etcd3';
import { DiscoveryError } from '../model/errors.js';

const wayOut = 'give each instance an id of its own';

/** Whose a record is. One for each backend. */
export class Claims {
  /**
   * The upper half of the id of each lease of ours. By that a record that we have written is known again in any format,
   * also in a backup of the store, and without a list of all that we ever wrote.
   */
  readonly #mark = BigInt(randomInt(1, 2 ** 31));
  /** By key: the revision that created our record. It stays when somebody writes over it. */
  readonly #origins = new Map<string, string>();

  /** The id for a new lease: a positive int64. */
  newLease(): string {
    return String((this.#mark << 32n) + BigInt(randomInt(2 ** 32)));
  }

  /** Ours, or nobody's: without a lease nobody keeps it alive. */
  isFree({ lease }: IKeyValue): boolean {
    return lease === '0' || BigInt(lease) >> 32n === this.#mark;
  }

  /**
   * Two that go by one name: who came first keeps it, also when the other has written over it. Except at our own address,
   * where nobody else can listen: what stands there is left over from an earlier boot, and we take it over, once.
   * @throws {DiscoveryError} CONFLICT when the record is someone else's.
   */
  assertReplaceable(key: string, found: IKeyValue, isAtOurAddress: boolean): void {
    const origin = this.#origins.get(key);
    const ours = isAtOurAddress ? origin === undefined : origin === found.create_revision;
    if (!ours && !this.isFree(found)) {
      throw new DiscoveryError(
        'CONFLICT',
        `${key} is kept alive by someone else (lease ${found.lease}), who keeps it; ${wayOut}`,
      );
    }
  }

  /** @throws {DiscoveryError} CONFLICT when someone else has written over a record of ours. */
  assertNotTaken(key: string, found: IKeyValue): void {
    if (this.isFree(found)) return;
    throw new DiscoveryError(
      'CONFLICT',
      `${key} was taken by someone else (lease ${found.lease}); ${wayOut}`,
    );
  }

  written(key: string, origin: string): void {
    this.#origins.set(key, origin);
  }

  withdrawn(key: string): void {
    this.#origins.delete(key);
  }
}
