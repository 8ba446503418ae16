import { addressOf, type Instance } from '../model/instance.js';
import type { InstanceDiff } from '../model/instance-set.js';

export interface ChangeLogEntry {
  /** ISO 8601. */
  readonly at: string;
  readonly what: 'joined' | 'left' | 'changed' | 'source';
  /** Id and address of the instance; for `source`, the new source. */
  readonly who: string;
}

interface RawEntry {
  readonly at: number;
  readonly what: ChangeLogEntry['what'];
  readonly who: Instance | string;
}

/** The last changes of a membership. Entries are formatted only when they are read. */
export class ChangeLog {
  readonly #capacity: number;
  #entries: RawEntry[] = [];

  constructor(capacity = 100) {
    this.#capacity = capacity;
  }

  get changes(): readonly ChangeLogEntry[] {
    return this.#entries.map(({ at, what, who }) => ({
      at: new Date(at).toISOString(),
      what,
      who: typeof who === 'string' ? who : `${who.id} (${addressOf(who)})`,
    }));
  }

  addInstances({ joined, changed, left }: InstanceDiff): void {
    this.#add('joined', joined);
    this.#add('changed', changed);
    this.#add('left', left);
  }

  addSource(source: string): void {
    this.#add('source', [source]);
  }

  #add(what: ChangeLogEntry['what'], changes: readonly (Instance | string)[]): void {
    const at = Date.now();
    const entries = changes.slice(-this.#capacity).map((who) => ({ at, what, who }));
    this.#entries = [...this.#entries, ...entries].slice(-this.#capacity);
  }
}
