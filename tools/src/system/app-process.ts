import { fileURLToPath } from 'node:url';
import { readEnvironment } from '../environment.js';
import { TrackedProcess, type ProcessExit } from '../processes/tracked-process.js';

/** The programs of `apps/`. The first three are services that register; the aggregator calls them. */
export const services = ['product-detail', 'inventory', 'review'] as const;
export type ServiceName = (typeof services)[number];
export type AppName = ServiceName | 'aggregator';

/** What a process says of its life, one JSON line each. */
export type Lifecycle = 'listening' | 'registered' | 'draining' | 'stopped';

export interface LifecycleEvent {
  readonly event: Lifecycle;
  /** `127.0.0.1:41234`, in `listening`. */
  readonly address?: string;
}

export interface AppOptions {
  readonly app: AppName;
  /** Its INSTANCE_ID; for people only where the app registers nothing. */
  readonly id: string;
  readonly env: Readonly<Record<string, string>>;
  /** Each line it writes, as it comes. */
  readonly onLine?: (id: string, line: string) => void;
}

const root = new URL('../../../', import.meta.url);

/** One app as a process, followed by the lifecycle lines of its log. */
export class AppProcess {
  readonly app: AppName;
  readonly id: string;
  readonly #process: TrackedProcess;
  readonly #seen: LifecycleEvent[];
  readonly #listeners: Set<() => void>;

  private constructor(
    { app, id }: AppOptions,
    process: TrackedProcess,
    seen: LifecycleEvent[],
    listeners: Set<() => void>,
  ) {
    this.app = app;
    this.id = id;
    this.#process = process;
    this.#seen = seen;
    this.#listeners = listeners;
  }

  /** Runs `node apps/<app>/dist/main.js`. Resolves as soon as the process exists. */
  static async start(options: AppOptions): Promise<AppProcess> {
    const seen: LifecycleEvent[] = [];
    const listeners = new Set<() => void>();
    const process = await TrackedProcess.start({
      command: globalThis.process.execPath,
      args: [fileURLToPath(new URL(`apps/${options.app}/dist/main.js`, root))],
      env: { ...readEnvironment().forChildren, INSTANCE_ID: options.id, ...options.env },
      onLine(line) {
        options.onLine?.(options.id, line);
        const event = lifecycleOf(line);
        if (!event) return;
        seen.push(event);
        for (const listener of listeners) listener();
      },
    });
    return new AppProcess(options, process, seen, listeners);
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
   * The first event of that name, also one of the past.
   * @throws {Error} with the process's last lines when it ends first, or when `deadlineMs` have passed.
   */
  async event(name: Lifecycle, deadlineMs = 30_000): Promise<LifecycleEvent> {
    let stop = () => {};
    const found = new Promise<LifecycleEvent>((resolve, reject) => {
      const look = () => {
        const event = this.#seen.find((candidate) => candidate.event === name);
        if (event) resolve(event);
      };
      const timer = setTimeout(
        () => reject(this.#failure(`did not say "${name}" in ${deadlineMs} ms`)),
        deadlineMs,
      );
      this.#listeners.add(look);
      stop = () => {
        clearTimeout(timer);
        this.#listeners.delete(look);
      };
      look();
      void this.exited.then(({ code, signal }) =>
        reject(this.#failure(`ended (${signal ?? code}) before it said "${name}"`)),
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

  /** SIGTERM, which drains; SIGKILL when that takes longer than `graceMs`. */
  stop(graceMs: number): Promise<ProcessExit> {
    return this.#process.stop(graceMs);
  }

  #failure(what: string): Error {
    return new Error(
      [
        `${this.app} ${this.id} ${what}; its last lines:`,
        ...this.#process.lastLines.map((line) => line.slice(0, 400)),
      ].join('\n  '),
    );
  }
}

/** The lifecycle event in a log line, if it holds one. */
export function lifecycleOf(line: string): LifecycleEvent | undefined {
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
