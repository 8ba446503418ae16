import type { Instance } from './instance.js';
import { addressOf } from './instance.js';
import { sameInstance } from './instance-set.js';

export interface Change {
  /** ISO 8601. */
  readonly at: string;
  readonly what: 'joined' | 'left' | 'changed' | 'source';
  /** Id of the instance, with its address; for `source`, what the source is now. */
  readonly who: string;
}

/** The last changes of a membership, for people who ask why. */
export class Journal {
  readonly #capacity: number;
  readonly #changes: Change[] = [];

  constructor(capacity = 100) {
    this.#capacity = capacity;
  }

  get changes(): readonly Change[] {
    return this.#changes;
  }

  /** Notes what is different between two sets, each sorted or not. */
  instances(before: readonly Instance[], now: readonly Instance[]): void {
    if (before === now) return;
    const known = new Map(before.map((instance) => [instance.id, instance]));
    for (const instance of now) {
      const other = known.get(instance.id);
      if (!other) this.#note('joined', describe(instance));
      else if (!sameInstance(instance, other)) this.#note('changed', describe(instance));
      known.delete(instance.id);
    }
    for (const instance of known.values()) this.#note('left', describe(instance));
  }

  source(source: string): void {
    this.#note('source', source);
  }

  #note(what: Change['what'], who: string): void {
    this.#changes.push({ at: new Date().toISOString(), what, who });
    if (this.#changes.length > this.#capacity) this.#changes.shift();
  }
}

function describe(instance: Instance): string {
  return `${instance.id} (${addressOf(instance)})`;
}
