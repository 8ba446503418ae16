import type { PageResponse } from '../load/page-response.js';
import { services, type ServiceName } from '../system/app-process.js';

/** One line of the table. A replacement takes over the line of the instance that was killed. */
export interface InstanceRow {
  readonly instance: string;
  readonly state: 'starting' | 'serving';
  /** Calls that the instance served since the last snapshot. */
  readonly served: number;
}

type MutableRow = { -readonly [Key in keyof InstanceRow]: InstanceRow[Key] };

/** The instances of each service and the calls they serve, for the live display. */
export class InstanceTable {
  readonly #rows = new Map<ServiceName, MutableRow[]>(services.map((service) => [service, []]));

  add(service: ServiceName, instance: string, replaced?: string): void {
    const rows = this.#rows.get(service)!;
    const index = rows.findIndex((row) => row.instance === replaced);
    rows[index < 0 ? rows.length : index] = { instance, state: 'starting', served: 0 };
  }

  countServed({ servedBy }: Pick<PageResponse, 'servedBy'>): void {
    for (const [service, instance] of servedBy) {
      const row = this.#rows.get(service)!.find((candidate) => candidate.instance === instance);
      if (!row) continue;
      row.served++;
      row.state = 'serving';
    }
  }

  /** The rows of each service. Resets their counts. */
  snapshot(): ReadonlyMap<ServiceName, readonly InstanceRow[]> {
    const snapshot = new Map([...this.#rows].map(([service, rows]) => [service, structuredClone(rows)]));
    for (const row of [...this.#rows.values()].flat()) row.served = 0;
    return snapshot;
  }
}
