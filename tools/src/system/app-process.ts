import { fileURLToPath } from 'node:url';
import { readEnvironment } from '../environment.js';
import { TrackedProcess, type ProcessExit } from '../processes/tracked-process.js';

/** The apps that register; the aggregator calls them. */
export const services = ['product-detail', 'inventory', 'review'] as const;
export type ServiceName = (typeof services)[number];
export type AppName = ServiceName | 'aggregator';

/** The lifecycle events of an app, each one a JSON line in its log. */
export type Lifecycle = 'listening' | 'registered' | 'draining' | 'stopped';

export interface LifecycleEvent {
  readonly event: Lifecycle;
  /** Only in `listening`: `127.0.0.1:41234`. */
  readonly address?: string;
}

export interface AppOptions {
  readonly app: AppName;
  /** The INSTANCE_ID. */
  readonly id: string;
  readonly env: Readonly<Record<string, string>>;
  /** Receives each line of output. */
  readonly onLine?: (id: string, line: string) => void;
}

const root = new URL('../../../', import.meta.url);

/** One app as a process, with the lifecycle events of its log. */
export class AppProcess {
  readonly app: AppName;
  readonly id: string;
  readonly #process: TrackedProcess;
  readonly #events: LifecycleEvent[];
  readonly #listeners: Set<() => void>;

  private constructor(
    { app, id }: AppOptions,
    process: TrackedProcess,
    events: LifecycleEvent[],
    listeners: Set<() => void>,
  ) {
    this.app = app;
    this.id = id;
    this.#process = process;
    this.#events = events;
    this.#listeners = listeners;
  }

  /** Runs `node apps/<app>/dist/main.js`. Resolves when the process exists. */
  static async start(options: AppOptions): Promise<AppProcess> {
    const events: LifecycleEvent[] = [];
    const listeners = new Set<() => void>();
    const process = await TrackedProcess.start({
      command: globalThis.process.execPath,
      args: [fileURLToPath(new URL(`apps/${options.app}/dist/main.js`, root))],
      env: { ...readEnvironment().inherited, INSTANCE_ID: options.id, ...options.env },
      onLine(line) {
        options.onLine?.(options.id, line);
        const event = parseLifecycleEvent(line);
        if (!event) return;
        events.push(event);
        for (const listener of listeners) listener();
      },
    });
    return new AppProcess(options, process, events, listeners);
  }

  get pid(): number {
    return this.#process.pid;
  }

  get running(): boolean {
    return this.#process.running;
  }

  get exited(): Promise<ProcessExit> {
    return this.#process.exited;
  }

  /**
   * Waits for the first event of that name; a past one counts.
   * @throws {Error} with the last lines of output when the process exits first, or when `deadlineMs` have passed.
   */
  async event(name: Lifecycle, deadlineMs = 30_000): Promise<LifecycleEvent> {
    let stop = () => {};
    const found = new Promise<LifecycleEvent>((resolve, reject) => {
      const check = () => {
        const event = this.#events.find((candidate) => candidate.event === name);
        if (event) resolve(event);
      };
      const timer = setTimeout(
        () => reject(this.#failure(`did not log "${name}" within ${deadlineMs} ms`)),
        deadlineMs,
      );
      this.#listeners.add(check);
      stop = () => {
        clearTimeout(timer);
        this.#listeners.delete(check);
      };
      check();
      void this.exited.then(({ code, signal }) =>
        reject(this.#failure(`exited (${signal ?? code}) before it logged "${name}"`)),
      );
    });
    return found.finally(stop);
  }

  signal(signal: NodeJS.Signals): void {
    this.#process.signal(signal);
  }

  kill(): Promise<ProcessExit> {
    return this.#process.kill();
  }

  /** Drains: SIGTERM, then SIGKILL after `graceMs`. */
  stop(graceMs: number): Promise<ProcessExit> {
    return this.#process.stop(graceMs);
  }

  #failure(problem: string): Error {
    return new Error(
      [
        `${this.app} ${this.id} ${problem}; its last lines:`,
        ...this.#process.lastLines.map((line) => line.slice(0, 400)),
      ].join('\n  '),
    );
  }
}

/** The lifecycle event in a log line, if there is one. */
export function parseLifecycleEvent(line: string): LifecycleEvent | undefined {
  if (!line.startsWith('{') || !line.includes('"event"')) return undefined;
  try {
    const { message } = JSON.parse(line) as { message?: unknown };
    return typeof message === 'object' && message !== null && 'event' in message
      ? (message as LifecycleEvent)
      : undefined;
  } catch {
    return undefined;
  }
}
