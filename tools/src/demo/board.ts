import type { Answer } from '../load/answer.js';
import { services, type ServiceName } from '../system/app-process.js';

/** One place for an instance. When the instance is killed, its replacement takes the place at once. */
export interface Place {
  readonly instance: string;
  readonly state: 'starting' | 'serving';
  /** Calls answered since the last look. */
  readonly served: number;
}

type Row = { -readonly [Key in keyof Place]: Place[Key] }[];

/** Who serves how much: the state behind the live display. */
export class Board {
  readonly #rows = new Map<ServiceName, Row>(services.map((service) => [service, []]));
  readonly #places = new Map<string, Row[number]>();

  add(service: ServiceName, instance: string, inPlaceOf?: string): void {
    const row = this.#rows.get(service) as Row;
    const place: Row[number] = { instance, state: 'starting', served: 0 };
    const taken = row.findIndex((other) => other.instance === inPlaceOf);
    row.splice(taken < 0 ? row.length : taken, taken < 0 ? 0 : 1, place);
    if (inPlaceOf !== undefined) this.#places.delete(inPlaceOf);
    this.#places.set(instance, place);
  }

  answered({ servedBy }: Pick<Answer, 'servedBy'>): void {
    for (const [, instance] of servedBy) {
      const place = this.#places.get(instance);
      if (!place) continue;
      place.served++;
      if (place.state === 'starting') place.state = 'serving';
    }
  }

  /** The rows as they are, and counting starts anew. */
  look(): ReadonlyMap<ServiceName, readonly Place[]> {
    const seen = new Map(
      [...this.#rows].map(([service, row]) => [service, row.map((place) => ({ ...place }))]),
    );
    for (const place of this.#places.values()) place.served = 0;
    return seen;
  }
}
