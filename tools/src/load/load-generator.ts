import { createHistogram } from 'node:perf_hooks';
import { Pool } from 'undici';
import { parsePage, type PageResponse } from './page-response.js';

export interface LoadOptions {
  /** The aggregator's URL. */
  readonly url: string;
  /** The number of concurrent requests, each on its own keep-alive connection. 60 by default. */
  readonly inFlight?: number;
  readonly onResponse?: (response: PageResponse) => void;
}

export interface LoadReport {
  /** From the first request to the last response. */
  readonly seconds: number;
  readonly requests: number;
  readonly failed: number;
  /** The number of failed requests by reason. */
  readonly errors: Readonly<Record<string, number>>;
  readonly latencyMs: { readonly p50: number; readonly p99: number; readonly max: number };
}

const requestTimeoutMs = 10_000;

/** Requests one product page after the other, always with the same number of requests in flight. */
export class LoadGenerator {
  readonly #pool: Pool;
  readonly #paths: readonly string[];
  readonly #onResponse: LoadOptions['onResponse'];
  readonly #startedAt = performance.now();
  readonly #latencyUs = createHistogram();
  readonly #errors: Record<string, number> = {};
  readonly #workers: Promise<void>[];
  #next = 0;
  #requests = 0;
  #failed = 0;
  #stopped = false;
  #stopping: Promise<LoadReport> | undefined;

  private constructor(pool: Pool, paths: readonly string[], { inFlight = 60, onResponse }: LoadOptions) {
    this.#pool = pool;
    this.#paths = paths;
    this.#onResponse = onResponse;
    this.#workers = Array.from({ length: inFlight }, () => this.#work());
  }

  /** @throws {Error} when the aggregator cannot list its products. */
  static async start(options: LoadOptions): Promise<LoadGenerator> {
    const { inFlight = 60 } = options;
    const pool = new Pool(options.url, {
      connections: inFlight,
      pipelining: 1,
      headersTimeout: requestTimeoutMs,
      bodyTimeout: requestTimeoutMs,
    });
    const { statusCode, body } = await pool.request({ method: 'GET', path: '/api/products?pageSize=24' });
    const text = await body.text();
    const ids = statusCode === 200 ? (JSON.parse(text) as { products: { id: string }[] }).products : [];
    if (ids.length === 0) {
      await pool.close();
      throw new Error(`${options.url}/api/products returned ${statusCode}: ${text.slice(0, 200)}`);
    }
    return new LoadGenerator(
      pool,
      ids.map(({ id }) => `/api/products/${encodeURIComponent(id)}`),
      options,
    );
  }

  get requests(): number {
    return this.#requests;
  }

  get failed(): number {
    return this.#failed;
  }

  /** The results so far. */
  report(): LoadReport {
    const toMs = (us: number) => Math.round(us / 10) / 100;
    return {
      seconds: Math.round((performance.now() - this.#startedAt) / 100) / 10,
      requests: this.#requests,
      failed: this.#failed,
      errors: { ...this.#errors },
      latencyMs: {
        p50: toMs(this.#latencyUs.percentile(50)),
        p99: toMs(this.#latencyUs.percentile(99)),
        max: toMs(this.#latencyUs.count === 0 ? 0 : this.#latencyUs.max),
      },
    };
  }

  /** Starts no more requests and waits for those in flight. */
  stop(): Promise<LoadReport> {
    return (this.#stopping ??= this.#stop());
  }

  async #stop(): Promise<LoadReport> {
    this.#stopped = true;
    await Promise.all(this.#workers);
    const report = this.report();
    await this.#pool.close();
    return report;
  }

  async #work(): Promise<void> {
    while (!this.#stopped) {
      const path = this.#paths[this.#next++ % this.#paths.length] as string;
      const response = await this.#request(path);
      this.#requests++;
      this.#latencyUs.record(Math.max(1, Math.round(response.tookMs * 1000)));
      if (response.failure !== undefined) {
        this.#failed++;
        this.#errors[response.failure] = (this.#errors[response.failure] ?? 0) + 1;
      }
      this.#onResponse?.(response);
    }
  }

  async #request(path: string): Promise<PageResponse> {
    const startedAt = performance.now();
    let page: Pick<PageResponse, 'servedBy' | 'failure'>;
    try {
      const { statusCode, body } = await this.#pool.request({ method: 'GET', path });
      page = parsePage(statusCode, await body.text());
    } catch (error) {
      const { code, message } = error as NodeJS.ErrnoException;
      page = { servedBy: [], failure: code ?? message };
    }
    const at = performance.now();
    return { at, tookMs: at - startedAt, ...page };
  }
}
