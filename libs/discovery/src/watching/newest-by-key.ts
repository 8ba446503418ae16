import type { Instance } from '../model/instance.js';

export interface NewestByKeyOptions {
  readonly keyOf: (instance: Instance) => string;
  /** Newest last. Of equally new instances, the one that was added last counts. */
  readonly compareAge: (a: Instance, b: Instance) => number;
  /** Called when another instance counts than before: `before` or `now`, or both. */
  readonly onChange: (before: Instance | undefined, now: Instance | undefined) => void;
}

/** Instances by a key; of those with the same key, the newest counts. */
export class NewestByKey {
  readonly #options: NewestByKeyOptions;
  readonly #newest = new Map<string, Instance>();
  /** The rest of those with the same key, in the order in which they were added. */
  readonly #others = new Map<string, Instance[]>();
  #size = 0;

  constructor(options: NewestByKeyOptions) {
    this.#options = options;
  }

  /** The number of all instances. */
  get size(): number {
    return this.#size;
  }

  /** The instances that count. */
  get newest(): ReadonlyMap<string, Instance> {
    return this.#newest;
  }

  add(instance: Instance): void {
    const { keyOf, compareAge, onChange } = this.#options;
    const key = keyOf(instance);
    const newest = this.#newest.get(key);
    this.#size += 1;
    const isNewest = newest === undefined || compareAge(newest, instance) <= 0;
    if (newest) this.#addOther(key, isNewest ? newest : instance);
    if (!isNewest) return;
    this.#newest.set(key, instance);
    onChange(newest, instance);
  }

  delete(instance: Instance): void {
    const { keyOf, compareAge, onChange } = this.#options;
    const key = keyOf(instance);
    const others = this.#others.get(key) ?? [];
    this.#size -= 1;
    if (this.#newest.get(key) !== instance) return this.#deleteOther(key, others, instance);
    const [first, ...rest] = others;
    if (!first) {
      this.#newest.delete(key);
      return onChange(instance, undefined);
    }
    const newest = rest.reduce((a, b) => (compareAge(a, b) <= 0 ? b : a), first);
    this.#deleteOther(key, others, newest);
    this.#newest.set(key, newest);
    onChange(instance, newest);
  }

  /** Deletes all, without a call of `onChange`. */
  clear(): void {
    this.#newest.clear();
    this.#others.clear();
    this.#size = 0;
  }

  #addOther(key: string, instance: Instance): void {
    const others = this.#others.get(key);
    if (others) others.push(instance);
    else this.#others.set(key, [instance]);
  }

  #deleteOther(key: string, others: Instance[], instance: Instance): void {
    others.splice(others.lastIndexOf(instance), 1);
    if (others.length === 0) this.#others.delete(key);
  }
}
