import { splitList } from './split-list.js';

/** In bytes. What is parsed from more lives longer, which doubles the work of the garbage collector. */
const maxParsedTogether = 128 * 1024;

/** Reads the states of a JSON list one after the other, and parses only the elements whose text has changed. */
export class ListReader<T> {
  readonly #readElement: (element: unknown) => T;
  /** Of the last state. The text itself would take more memory than what is read from it. */
  #hashes: readonly number[] | undefined;
  #values: readonly T[] = [];

  constructor(readElement: (element: unknown) => T) {
    this.#readElement = readElement;
  }

  /**
   * What was read from each element; undefined if the text is the same as before. The value of an unchanged element is the
   * same object.
   * @throws {SyntaxError} for text that is no JSON list.
   */
  read(json: Buffer): readonly T[] | undefined {
    const { starts, ends, hashes } = splitList(json);
    const before = this.#hashes ?? [];
    const shorter = Math.min(before.length, hashes.length);
    let first = 0;
    while (first < shorter && hashes[first] === before[first]) first += 1;
    if (this.#hashes && first === hashes.length && first === before.length) return undefined;
    let [last, lastBefore] = [hashes.length, before.length];
    while (last > first && lastBefore > first && hashes[last - 1] === before[lastBefore - 1]) {
      last -= 1;
      lastBefore -= 1;
    }
    const known = new Map<number, T>();
    for (let n = first; n < lastBefore; n++) known.set(before[n]!, this.#values[n]!);
    const values = this.#values.slice(0, first);
    for (let from = first; from < last;) {
      if (known.has(hashes[from]!)) {
        values.push(known.get(hashes[from++]!)!);
        continue;
      }
      const limit = starts[from]! + maxParsedTogether;
      let to = from + 1;
      while (to < last && ends[to]! <= limit && !known.has(hashes[to]!)) to += 1;
      const elements = JSON.parse(`[${json.toString('utf8', starts[from], ends[to - 1])}]`) as unknown[];
      for (const element of elements) values.push(this.#readElement(element));
      from = to;
    }
    for (const value of this.#values.slice(lastBefore)) values.push(value);
    this.#hashes = hashes;
    this.#values = values;
    return values;
  }
}
