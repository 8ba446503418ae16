import type { DiscoveryError } from '../model/errors.js';

/** Records that were left out because they cannot be read, and what is said of them. */
export interface Rejections {
  /** How many times one was left out; one that is still there counts again whenever everything is listed. */
  readonly count: number;
  /** The last of them. */
  readonly last: readonly { readonly key: string; readonly reason: string }[];
}

/** So many of them are known by name: what comes again is not said again. */
const remembered = 10_000;
/** So many are named when someone asks, and each of the first so many gets a line of its own in the log. */
const named = 20;

/** Counts unreadable records, and says of each once that it was left out; ever more seldom when there are very many. */
export class RejectedRecords {
  readonly #say: (message: string) => void;
  readonly #reasons = new Map<string, string>();
  #count = 0;
  #different = 0;

  constructor(say: (message: string) => void) {
    this.#say = say;
  }

  add(key: string, { message }: DiscoveryError): void {
    this.#count += 1;
    const known = this.#reasons.get(key) === message;
    this.#reasons.delete(key);
    this.#reasons.set(key, message);
    if (this.#reasons.size > remembered) this.#reasons.delete(this.#reasons.keys().next().value!);
    if (known) return;
    this.#different += 1;
    // From 20 on at 32, 64, 128, ...: ten thousand pieces of junk are thirty lines.
    if (this.#different > named && (this.#different & (this.#different - 1)) !== 0) return;
    this.#say(`left out record ${key}: ${message} (${this.#different} so far)`);
  }

  get summary(): Rejections {
    const last = [...this.#reasons].slice(-named).map(([key, reason]) => ({ key, reason }));
    return { count: this.#count, last };
  }
}
