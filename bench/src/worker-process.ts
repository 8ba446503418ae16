import { type ChildProcess, fork, type ForkOptions } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

/**
 * A program in a process of its own, so that its CPU time is that of its requests alone. The program sends one message
 * when it is ready, and one reply to each request, as {@link serveRequests} does.
 */
export class WorkerProcess<Request extends object, Reply> {
  readonly #child: ChildProcess;

  private constructor(child: ChildProcess) {
    this.#child = child;
  }

  static async start<Request extends object, Reply>(
    program: URL,
    args: readonly string[] = [],
    options: Pick<ForkOptions, 'env' | 'execArgv'> = {},
  ): Promise<WorkerProcess<Request, Reply>> {
    const child = fork(fileURLToPath(program), args, {
      ...options,
      stdio: ['ignore', 'pipe', 'inherit', 'ipc'],
    });
    // A log is read, so that writing it never blocks, and discarded.
    child.stdout!.resume();
    const worker = new WorkerProcess<Request, Reply>(child);
    await worker.#message();
    return worker;
  }

  async request(request: Request): Promise<Reply> {
    this.#child.send(request);
    return (await this.#message()) as Reply;
  }

  stop(): void {
    if (this.#child.connected) this.#child.disconnect();
  }

  async #message(): Promise<unknown> {
    const received = new AbortController();
    try {
      const exit = once(this.#child, 'exit', { signal: received.signal }).then(([code]) => {
        throw new Error(`a worker process exited with ${String(code)}`);
      });
      const [message] = await Promise.race([once(this.#child, 'message', { signal: received.signal }), exit]);
      return message;
    } finally {
      received.abort();
    }
  }
}

/** The worker's side: reports ready, and replies to each request. An error ends the process, as the parent's exit does. */
export function serveRequests<Request, Reply>(handle: (request: Request) => Promise<Reply>): void {
  process.on('message', (request: Request) => {
    handle(request).then(
      (reply) => process.send?.(reply),
      (error: unknown) => {
        console.error(error);
        process.exit(1);
      },
    );
  });
  process.on('disconnect', () => process.exit());
  process.send?.({});
}
