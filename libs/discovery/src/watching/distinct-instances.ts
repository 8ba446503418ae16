import type { Instance } from '../model/instance.js';
import { compareAge, compareKeys } from '../model/instance-set.js';
import { NewestByKey } from './newest-by-key.js';
import { changeOf, type SetChange } from './set-change.js';

/**
 * The instances of one service without duplicates: of those with the same id, or the same address, only the newest counts.
 * The same as `normalizeInstances`, but an update costs only what it changes.
 */
export class DistinctInstances {
  /** The steps of an update: an instance may be added and removed again. */
  #removed: Instance[] = [];
  #added: Instance[] = [];
  readonly #byId = new NewestByKey({
    keyOf: ({ id }) => id,
    compareAge,
    onChange: (before, now) => {
      if (before) this.#byAddress.delete(before);
      if (now) this.#byAddress.add(now);
    },
  });
  /** Those that count by id. */
  readonly #byAddress = new NewestByKey({
    keyOf: addressKeyOf,
    compareAge: (a, b) => compareAge(a, b) || compareKeys(a, b),
    onChange: (before, now) => {
      if (before) this.#removed.push(before);
      if (now) this.#added.push(now);
    },
  });

  get isEmpty(): boolean {
    return this.#byId.size === 0;
  }

  /** The instance that counts at the address of `instance`. */
  atAddressOf(instance: Instance): Instance | undefined {
    return this.#byAddress.newest.get(addressKeyOf(instance));
  }

  /** Takes a change of all instances; returns the change of those that count. */
  update({ removed, added }: SetChange): SetChange {
    if (removed.length === this.#byId.size) {
      this.#removed = [...this.#byAddress.newest.values()];
      this.#byId.clear();
      this.#byAddress.clear();
    } else {
      for (const instance of removed) this.#byId.delete(instance);
    }
    for (const instance of added) this.#byId.add(instance);
    const change = changeOf(this.#removed, this.#added);
    this.#removed = [];
    this.#added = [];
    return change;
  }
}

function addressKeyOf({ host, port }: Instance): string {
  return `${host}:${port}`;
}
