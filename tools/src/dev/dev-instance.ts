import { TrackedProcess } from '../processes/tracked-process.js';
import { repositoryRoot } from '../repository-root.js';
import { parseLifecycleEvent, type LifecycleEvent } from '../system/app-process.js';

export interface DevInstanceOptions {
  readonly app: string;
  readonly env: NodeJS.ProcessEnv;
  /** `127.0.0.1:9229`. */
  readonly inspector: string;
  /** Pause before the first line. */
  readonly breakAtStart: boolean;
  /** Called before each start. While it returns false, the process of the last version keeps running. */
  readonly compile: () => Promise<boolean>;
  readonly onLine: (line: string) => void;
  readonly onEvent: (event: LifecycleEvent) => void;
  /** The process has exited without being stopped. */
  readonly onExit: (code: number | NodeJS.Signals | null) => void;
}

/** Longer than the drain and the shutdown hooks of a service take with its default settings. */
const stopTimeoutMs = 20_000;
/** One that is paused at a breakpoint does not handle signals. */
const restartTimeoutMs = 5_000;
/** A debugger keeps a process from its exit for as long as it is attached. */
const exitTimeoutMs = 500;

/** One app as a process with its inspector open. It can be restarted; requests to do so are served in order. */
export class DevInstance {
  readonly #options: DevInstanceOptions;
  #process: TrackedProcess | undefined;
  #lastStep: Promise<void> = Promise.resolve();
  #ending = false;
  #stopped = false;

  constructor(options: DevInstanceOptions) {
    this.#options = options;
  }

  /** Compiles, drains the process that runs, and starts the new one. Does nothing once stopped. */
  restart(): Promise<void> {
    return this.#next(async () => {
      if (this.#stopped || !(await this.#options.compile())) return;
      await this.#end(restartTimeoutMs);
      if (!this.#stopped) await this.#start();
    });
  }

  /** Drains the process and waits for its exit. */
  stop(): Promise<void> {
    this.#stopped = true;
    return this.#next(() => this.#end(stopTimeoutMs));
  }

  /** SIGKILL. */
  kill(): void {
    this.#stopped = true;
    this.#process?.signal('SIGKILL');
  }

  #next(step: () => Promise<void>): Promise<void> {
    this.#lastStep = this.#lastStep.then(step);
    return this.#lastStep;
  }

  async #end(timeoutMs: number): Promise<void> {
    this.#ending = true;
    await this.#process?.stop(timeoutMs);
    this.#ending = false;
    this.#process = undefined;
  }

  async #start(): Promise<void> {
    const { app, env, inspector, breakAtStart, onLine, onEvent } = this.#options;
    const started = await TrackedProcess.start({
      command: process.execPath,
      args: [
        `--inspect${breakAtStart ? '-brk' : ''}=${inspector}`,
        '--enable-source-maps',
        `${repositoryRoot}apps/${app}/dist/main.js`,
      ],
      env,
      onLine(line) {
        onLine(line);
        const event = parseLifecycleEvent(line);
        if (event) onEvent(event);
        if (event?.event === 'stopped') setTimeout(() => started.signal('SIGKILL'), exitTimeoutMs);
      },
    });
    this.#process = started;
    void this.#reportExit(started);
  }

  async #reportExit(process: TrackedProcess): Promise<void> {
    const { code, signal } = await process.exited;
    if (!this.#ending) this.#options.onExit(signal ?? code);
  }
}
