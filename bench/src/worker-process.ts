import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

/**
 * A program in a process of its own, whose CPU time is that of what it is asked to do and of nothing else. It sends one
 * message when it can be asked, and one for each that it is sent.
 */
export class WorkerProcess<Request extends object, Reply> {
  readonly #child: ChildProcess;

  private constructor(child: ChildProcess) {
    this.#child = child;
  }

  static async start<Request extends object, Reply>(
    program: URL,
    args: readonly string[] = [],
  ): Promise<WorkerProcess<Request, Reply>> {
    const worker = new WorkerProcess<Request, Reply>(fork(fileURLToPath(program), args));
    await worker.#reply();
    return worker;
  }

  async ask(request: Request): Promise<Reply> {
    this.#child.send(request);
    return (await this.#reply()) as Reply;
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
