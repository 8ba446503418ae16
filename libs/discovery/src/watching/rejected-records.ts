import type { DiscoveryError } from '../model/errors.js';
import { printable } from '../runtime/printable.js';

/** Unreadable records that were left out. */
export interface Rejections {
  /** How many were left out in all. A record that stays is counted again each time all records are listed. */
  readonly count: number;
  /** The last 20. */
  readonly last: readonly { readonly key: string; readonly reason: string }[];
}

/** How many records are remembered, so that each is logged once. */
const maxRemembered = 10_000;
/** Longer keys are cut off. */
const maxKeyLength = 200;
/** How many records `summary` lists, and how many are logged before the log is thinned out. */
const maxListed = 20;

/** Counts unreadable records and logs each once; if there are very many, fewer and fewer. */
export class RejectedRecords {
  readonly #log: (message: string) => void;
  readonly #reasons = new Map<string, string>();
  #count = 0;
  #distinct = 0;

  constructor(log: (message: string) => void) {
    this.#log = log;
  }

  add(recordKey: string, { message }: DiscoveryError): void {
    const key = printable(recordKey, maxKeyLength);
    this.#count += 1;
    const known = this.#reasons.get(key) === message;
    this.#reasons.delete(key);
    this.#reasons.set(key, message);
    if (this.#reasons.size > maxRemembered) this.#reasons.delete(this.#reasons.keys().next().value!);
    if (known) return;
    this.#distinct += 1;
    // After the first 20, only the 32nd, 64th, 128th, ...: 10,000 unreadable records make 29 lines.
    if (this.#distinct > maxListed && (this.#distinct & (this.#distinct - 1)) !== 0) return;
    this.#log(`left out record ${key}: ${message} (${this.#distinct} so far)`);
  }

  get summary(): Rejections {
    const last = [...this.#reasons].slice(-maxListed).map(([key, reason]) => ({ key, reason }));
    return { count: this.#count, last };
  }
}
