import { type AppProcess, FailoverTracker, LoadGenerator, type ServiceName, until } from '@rollcall/tools';

/** Load on the product page: which instances serve its parts, and which requests fail. */
export class PageLoad {
  readonly #failover = new FailoverTracker(performance.now());
  readonly #servedBy = new Set<string>();
  #load: LoadGenerator | undefined;

  static async start(url: string): Promise<PageLoad> {
    const page = new PageLoad();
    page.#load = await LoadGenerator.start({
      url,
      onResponse(response) {
        page.#failover.recordResponse(response);
        for (const [, instance] of response.servedBy) page.#servedBy.add(instance);
      },
    });
    return page;
  }

  get #generator(): LoadGenerator {
    if (!this.#load) throw new Error('the load has not started');
    return this.#load;
  }

  /** How many instances have served a part. */
  get instances(): number {
    return this.#servedBy.size;
  }

  /** Waits for `count` more responses. */
  async untilResponses(count: number): Promise<void> {
    const enough = this.#generator.requests + count;
    await until(() => this.#generator.requests >= enough, {
      deadlineMs: 30_000,
      describe: () => `${enough} responses; there are ${this.#generator.requests}`,
    });
  }

  async untilServedBy({ id }: Pick<AppProcess, 'id'>): Promise<void> {
    await until(() => this.#servedBy.has(id), { deadlineMs: 20_000, describe: () => `a response of ${id}` });
  }

  /** Those of `instances` that serve requests that start from now on. Pages under way may contain parts of others. */
  async stillServing(instances: readonly AppProcess[]): Promise<readonly string[]> {
    await this.untilResponses(120);
    this.#servedBy.clear();
    await this.untilResponses(200);
    return instances.filter(({ id }) => this.#servedBy.has(id)).map(({ id }) => id);
  }

  /** Waits until all of `instances` serve requests. */
  async untilAllServe(instances: readonly AppProcess[]): Promise<void> {
    await until(async () => (await this.stillServing(instances)).length === instances.length, {
      deadlineMs: 30_000,
      describe: () => `responses of ${instances.map(({ id }) => id).join(', ')}`,
    });
  }

  async kill(service: ServiceName, instance: AppProcess): Promise<void> {
    this.#failover.recordKill(service, instance.id, performance.now());
    await instance.kill();
  }

  /** Ends the load, prints what was measured, and resolves with the requests that failed. */
  async stop(title: string): Promise<{ failed: number; errors: Readonly<Record<string, number>> }> {
    const { requests, failed, errors, latencyMs } = await this.#generator.stop();
    const gaps = this.#failover.report(performance.now()).map(({ gapMs }) => `, gap ${gapMs} ms`);
    console.log(`${title}: ${failed} of ${requests} failed, longest ${latencyMs.max} ms${gaps.join('')}`);
    return { failed, errors };
  }

  async close(): Promise<void> {
    await this.#load?.stop();
  }
}
