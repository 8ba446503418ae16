import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { Cost, Request } from './messages.js';

const program = fileURLToPath(new URL('./worker.js', import.meta.url));

/** A process of its own, whose CPU time is that of what it is asked to do and of nothing else. */
export class WorkerProcess {
  readonly #child: ChildProcess;

  private constructor(child: ChildProcess) {
    this.#child = child;
  }

  /** With the URL of an etcd; without, it has a registry in memory to itself. */
  static async start(url?: string): Promise<WorkerProcess> {
    const worker = new WorkerProcess(fork(program, url === undefined ? [] : [url]));
    await worker.#reply();
    return worker;
  }

  ask(request: Extract<Request, { what: 'report' }>): Promise<Cost>;
  ask(request: Request): Promise<unknown>;
  async ask(request: Request): Promise<unknown> {
    this.#child.send(request);
    return this.#reply();
  }

  stop(): void {
    this.#child.disconnect();
  }

  async #reply(): Promise<unknown> {
    const ended = new AbortController();
    try {
      const exit = once(this.#child, 'exit', { signal: ended.signal }).then(([code]) => {
        throw new Error(`a worker ended with ${String(code)}`);
      });
      const [reply] = await Promise.race([once(this.#child, 'message', { signal: ended.signal }), exit]);
      return reply;
    } finally {
      ended.abort();
    }
  }
}
