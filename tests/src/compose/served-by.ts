import { LoadGenerator, until, type LoadReport, type PageResponse, type ServiceName } from '@rollcall/tools';

/** Which instances serve the pages of the shop, as its clients see it. */
export class ServedBy {
  readonly #seen = new Map<ServiceName, Set<string>>();
  #responses = 0;

  /** Runs `story` while the aggregator at `url` is under load. */
  static async underLoad(url: string, story: (servedBy: ServedBy) => Promise<void>): Promise<LoadReport> {
    const servedBy = new ServedBy();
    const load = await LoadGenerator.start({
      url,
      inFlight: 20,
      onResponse: (page) => servedBy.#record(page),
    });
    try {
      await story(servedBy);
    } finally {
      await load.stop();
    }
    return load.report();
  }

  /** Waits until exactly `count` instances of `service` serve. Resolves with their ids. */
  async untilInstances(service: ServiceName, count: number): Promise<string[]> {
    let seen: string[] = [];
    return until(
      async () => {
        this.#seen.clear();
        const enough = this.#responses + 40 * count;
        await until(() => this.#responses >= enough, {
          deadlineMs: 30_000,
          describe: () => `responses; there were ${this.#responses} in all`,
        });
        seen = [...(this.#seen.get(service) ?? [])].toSorted();
        return seen.length === count && seen;
      },
      { deadlineMs: 60_000, describe: () => `${count} instances of ${service}; served by "${seen.join()}"` },
    );
  }

  #record({ servedBy }: PageResponse): void {
    this.#responses++;
    for (const [service, instance] of servedBy) {
      this.#seen.set(service, (this.#seen.get(service) ?? new Set()).add(instance));
    }
  }
}
