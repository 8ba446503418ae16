import { LoadGenerator, until, type LoadReport, type PageResponse, type ServiceName } from '@rollcall/tools';

/** Who serves, as the callers see it. */
export class Spread {
  readonly #seen = new Map<ServiceName, Set<string>>();
  #answers = 0;

  /** Drives load on the aggregator at `url` while `story` goes on. */
  static async under(url: string, story: (spread: Spread) => Promise<void>): Promise<LoadReport> {
    const spread = new Spread();
    const load = await LoadGenerator.start({ url, inFlight: 20, onResponse: (page) => spread.#record(page) });
    try {
      await story(spread);
    } finally {
      await load.stop();
    }
    return load.report();
  }

  /** Waits until exactly `count` instances of `service` serve, and gives their ids. */
  async of(service: ServiceName, count: number): Promise<string[]> {
    let seen: string[] = [];
    return until(
      async () => {
        this.#seen.clear();
        const enough = this.#answers + 40 * count;
        await until(() => this.#answers >= enough, {
          deadlineMs: 30_000,
          describe: () => `responses; there were ${this.#answers} in all`,
        });
        seen = [...(this.#seen.get(service) ?? [])].toSorted();
        return seen.length === count && seen;
      },
      { deadlineMs: 60_000, describe: () => `${count} instances of ${service}; served by "${seen.join()}"` },
    );
  }

  #record({ servedBy }: PageResponse): void {
    this.#answers++;
    for (const [service, instance] of servedBy) {
      this.#seen.set(service, (this.#seen.get(service) ?? new Set()).add(instance));
    }
  }
}
