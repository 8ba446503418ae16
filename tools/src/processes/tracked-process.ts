import { spawn, type ChildProcess } from 'node:child_process';
import { createInterface } from 'node:readline';
import { cancelReap, reapOnExit } from './orphan-reaper.js';

export interface ProcessOptions {
  readonly command: string;
  readonly args: readonly string[];
  readonly env?: NodeJS.ProcessEnv;
  /** Receives each line of standard output and standard error. */
  readonly onLine?: (line: string) => void;
  /** Receives each message of `process.send` in a Node program. Opens the IPC channel {@link TrackedProcess.send} needs. */
  readonly onMessage?: (message: unknown) => void;
}

export interface ProcessExit {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

/** Lines of output kept for error messages. */
const maxLastLines = 20;

/**
 * A child process that ends with this process at the latest, even when this process is killed.
 * It has its own process group: Ctrl-C in a terminal reaches only this process, which then stops its children in order.
 */
export class TrackedProcess {
  readonly pid: number;
  /** Resolves when the process has exited and all its output has been read. */
  readonly exited: Promise<ProcessExit>;
  readonly #child: ChildProcess;
  readonly #lastLines: string[] = [];

  private constructor(
    child: ChildProcess,
    pid: number,
    { onLine, onMessage }: Pick<ProcessOptions, 'onLine' | 'onMessage'>,
  ) {
    this.#child = child;
    this.pid = pid;
    reapOnExit({ pid });
    for (const stream of [child.stdout, child.stderr]) {
      if (!stream) continue;
      createInterface({ input: stream }).on('line', (line) => {
        if (this.#lastLines.push(line) > maxLastLines) this.#lastLines.shift();
        onLine?.(line);
      });
    }
    if (onMessage) child.on('message', onMessage);
    this.exited = new Promise((resolve) => {
      child.once('close', (code, signal) => void cancelReap({ pid }).then(() => resolve({ code, signal })));
    });
  }

  /** @throws {Error} when the command cannot be started. */
  static async start({ command, args, env, ...listeners }: ProcessOptions): Promise<TrackedProcess> {
    const child = spawn(command, args, {
      detached: true,
      stdio: ['ignore', 'pipe', 'pipe', ...(listeners.onMessage ? (['ipc'] as const) : [])],
      ...(env && { env }),
    });
    await new Promise<void>((resolve, reject) => {
      child.once('spawn', resolve).once('error', (cause) => {
        reject(new Error(`cannot start ${command}: ${cause.message}`, { cause }));
      });
    });
    return new TrackedProcess(child, child.pid as number, listeners);
  }

  get running(): boolean {
    return this.#child.exitCode === null && this.#child.signalCode === null;
  }

  /** The last lines of output, oldest first. */
  get lastLines(): readonly string[] {
    return this.#lastLines;
  }

  /** Sends a signal; does nothing after the exit. */
  signal(signal: NodeJS.Signals): void {
    if (this.running) this.#child.kill(signal);
  }

  /** Sends a message to a Node program that was started with `onMessage`; does nothing after the exit. */
  send(message: object): void {
    if (this.#child.connected) this.#child.send(message, () => {});
  }

  /** Sends SIGKILL and waits for the exit. */
  async kill(): Promise<ProcessExit> {
    this.signal('SIGKILL');
    return this.exited;
  }

  /** Sends SIGTERM, then SIGKILL after `graceMs`, and waits for the exit. */
  async stop(graceMs: number): Promise<ProcessExit> {
    this.signal('SIGTERM');
    const timer = setTimeout(() => this.signal('SIGKILL'), graceMs);
    try {
      return await this.exited;
    } finally {
      clearTimeout(timer);
    }
  }
}

/** Starts `count` times the same Node program. */
export function startNode(
  count: number,
  file: string,
  ...args: readonly string[]
): Promise<TrackedProcess[]> {
  const start = () => TrackedProcess.start({ command: process.execPath, args: [file, ...args] });
  return Promise.all(Array.from({ length: count }, start));
}
