import { createHistogram } from 'node:perf_hooks';
import { Pool } from 'undici';
import { readAnswer, type Answer } from './answer.js';

export interface LoadOptions {
  /** Of the aggregator. */
  readonly url: string;
  /** Requests in flight at any time, each on a connection of its own that is kept alive. 60 by default. */
  readonly inFlight?: number;
  readonly onAnswer?: (answer: Answer) => void;
}

export interface LoadReport {
  /** From the first request to the last answer. */
  readonly seconds: number;
  readonly requests: number;
  readonly failed: number;
  /** Why, and how often. */
  readonly errors: Readonly<Record<string, number>>;
  readonly latencyMs: { readonly p50: number; readonly p99: number; readonly max: number };
}

/** After this long without an answer a request has failed, in ms. */
const answerWithinMs = 10_000;

/** Asks the aggregator for one product after the other, always with the same number of requests in flight. */
export class Load {
  readonly #pool: Pool;
  readonly #paths: readonly string[];
  readonly #onAnswer: LoadOptions['onAnswer'];
  readonly #startedAt = performance.now();
  readonly #latencyUs = createHistogram();
  readonly #errors: Record<string, number> = {};
  readonly #lanes: Promise<void>[];
  #next = 0;
  #requests = 0;
  #failed = 0;
  #stopped = false;
  #stopping: Promise<LoadReport> | undefined;

  private constructor(pool: Pool, paths: readonly string[], { inFlight = 60, onAnswer }: LoadOptions) {
    this.#pool = pool;
    this.#paths = paths;
    this.#onAnswer = onAnswer;
    this.#lanes = Array.from({ length: inFlight }, () => this.#lane());
  }

  /** @throws {Error} when the aggregator does not list its products. */
  static async start(options: LoadOptions): Promise<Load> {
    const { inFlight = 60 } = options;
    const pool = new Pool(options.url, {
      connections: inFlight,
      pipelining: 1,
      headersTimeout: answerWithinMs,
      bodyTimeout: answerWithinMs,
    });
    const { statusCode, body } = await pool.request({ method: 'GET', path: '/api/products?pageSize=24' });
    const text = await body.text();
    const ids = statusCode === 200 ? (JSON.parse(text) as { products: { id: string }[] }).products : [];
    if (ids.length === 0) {
      await pool.close();
      throw new Error(`${options.url}/api/products answered ${statusCode}: ${text.slice(0, 200)}`);
    }
    return new Load(
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

  /** What was measured so far. */
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

  /** Starts no more requests and waits for the answers still to come: stopping fails none. Once is enough. */
  stop(): Promise<LoadReport> {
    return (this.#stopping ??= this.#stop());
  }

  async #stop(): Promise<LoadReport> {
    this.#stopped = true;
    await Promise.all(this.#lanes);
    const report = this.report();
    await this.#pool.close();
    return report;
  }

  async #lane(): Promise<void> {
    while (!this.#stopped) {
      const path = this.#paths[this.#next++ % this.#paths.length] as string;
      const answer = await this.#ask(path);
      this.#requests++;
      this.#latencyUs.record(Math.max(1, Math.round(answer.tookMs * 1000)));
      if (answer.failure !== undefined) {
        this.#failed++;
        this.#errors[answer.failure] = (this.#errors[answer.failure] ?? 0) + 1;
      }
      this.#onAnswer?.(answer);
    }
  }

  async #ask(path: string): Promise<Answer> {
    const askedAt = performance.now();
    let read: Pick<Answer, 'servedBy' | 'failure'>;
    try {
      const { statusCode, body } = await this.#pool.request({ method: 'GET', path });
      read = readAnswer(statusCode, await body.text());
    } catch (error) {
      const { code, message } = error as NodeJS.ErrnoException;
      read = { servedBy: [], failure: code ?? message };
    }
    const at = performance.now();
    return { at, tookMs: at - askedAt, ...read };
  }
}
