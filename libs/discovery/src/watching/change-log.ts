import type { Instance } from '../model/instance.js';
import { addressOf } from '../model/instance.js';
import { diffInstances } from '../model/instance-set.js';

export interface ChangeLogEntry {
  /** ISO 8601. */
  readonly at: string;
  readonly what: 'joined' | 'left' | 'changed' | 'source';
  /** Id of the instance, with its address; for `source`, what the source is now. */
  readonly who: string;
}

interface Note {
  readonly at: number;
  readonly what: ChangeLogEntry['what'];
  readonly who: Instance | string;
}

/** The last changes of a membership, for people who ask why. Put into words when they do. */
export class ChangeLog {
  readonly #capacity: number;
  #notes: Note[] = [];

  constructor(capacity = 100) {
    this.#capacity = capacity;
  }

  get changes(): readonly ChangeLogEntry[] {
    return this.#notes.map(({ at, what, who }) => ({
      at: new Date(at).toISOString(),
      what,
      who: typeof who === 'string' ? who : `${who.id} (${addressOf(who)})`,
    }));
  }

  /** Notes what is different between two normalised sets. */
  instances(before: readonly Instance[], now: readonly Instance[]): void {
    const { joined, changed, left } = diffInstances(before, now);
    this.#note('joined', joined);
    this.#note('changed', changed);
    this.#note('left', left);
  }

  source(source: string): void {
    this.#note('source', [source]);
  }

  #note(what: ChangeLogEntry['what'], all: readonly (Instance | string)[]): void {
    const at = Date.now();
    const notes = all.slice(-this.#capacity).map((who) => ({ at, what, who }));
    this.#notes = [...this.#notes, ...notes].slice(-this.#capacity);
  }
}
