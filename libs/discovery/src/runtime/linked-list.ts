/** Where a value stands in a {@link LinkedList}. */
export interface ListEntry<T> {
  readonly value: T;
  previous: ListEntry<T> | undefined;
  next: ListEntry<T> | undefined;
}

/**
 * Values in the order in which they were added, for collections that live long and whose values do not. A `Set` that grows or
 * shrinks leaves its old table behind, which refers to the values of that time. V8 frees the table, and whatever it refers to,
 * only in the next full garbage collection: that cost each call more than all else that interceptors do.
 */
export class LinkedList<T> {
  #first: ListEntry<T> | undefined;
  #last: ListEntry<T> | undefined;

  get isEmpty(): boolean {
    return this.#first === undefined;
  }

  add(value: T): ListEntry<T> {
    const entry: ListEntry<T> = { value, previous: this.#last, next: undefined };
    if (this.#last) this.#last.next = entry;
    else this.#first = entry;
    this.#last = entry;
    return entry;
  }

  /** Each entry once. */
  remove(entry: ListEntry<T>): void {
    const { previous, next } = entry;
    if (previous) previous.next = next;
    else this.#first = next;
    if (next) next.previous = previous;
    else this.#last = previous;
    // An old entry would keep younger ones alive.
    entry.previous = entry.next = undefined;
  }

  /** A copy, which may be iterated while values are added and removed. */
  toArray(): T[] {
    const values: T[] = [];
    for (let entry = this.#first; entry; entry = entry.next) values.push(entry.value);
    return values;
  }
}
