import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import { until } from '@rollcall/tools';

const program = new URL('../../dist/surroundings/worker-main.js', import.meta.url);

export interface WorkerInput {
  readonly url: string;
  readonly id: string;
  readonly port: number;
}

export interface WorkerStatus {
  readonly registration: string;
  readonly source: string;
  readonly ids: readonly string[];
}

/** A worker thread of this process that registers an instance of `inventory` and watches that service. */
export class RegistryWorker {
  readonly #worker: Worker;
  readonly #exited: Promise<unknown[]>;
  status: WorkerStatus | undefined;

  constructor(input: WorkerInput) {
    // Not the options of this process: a worker of Vitest has loaders of its own.
    this.#worker = new Worker(program, { workerData: input, execArgv: [] });
    this.#exited = once(this.#worker, 'exit');
    this.#worker.on('message', (status: WorkerStatus) => (this.status = status));
  }

  untilLists(...ids: readonly string[]): Promise<unknown> {
    return until(() => this.status?.registration === 'registered' && this.status.ids.join() === ids.join(), {
      deadlineMs: 10_000,
      everyMs: 10,
      describe: () => `the worker to list ${ids.join()}; status: ${JSON.stringify(this.status)}`,
    });
  }

  /** Closes the registry handle. Resolves with the exit code. */
  async close(): Promise<unknown> {
    this.#worker.postMessage('close', []);
    return (await this.#exited)[0];
  }

  async terminate(): Promise<void> {
    await this.#worker.terminate();
  }
}
