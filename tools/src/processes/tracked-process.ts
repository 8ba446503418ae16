import { spawn, type ChildProcess } from 'node:child_process';
import { createInterface } from 'node:readline';
import { hold, release } from './leash.js';

export interface ProcessOptions {
  readonly command: string;
  readonly args: readonly string[];
  readonly env?: NodeJS.ProcessEnv;
  /** Each line of standard output and standard error, as it comes. */
  readonly onLine?: (line: string) => void;
  /** Each message that a Node program sends with `process.send`. With it, there is a channel for {@link TrackedProcess.send}. */
  readonly onMessage?: (message: unknown) => void;
}

export interface ProcessExit {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

/** How many of a process's last lines are kept for the error that tells of its end. */
const keptLines = 20;

/**
 * A child process that cannot be left behind: it ends when this process does, in whatever way.
 * It leads a process group of its own, so that Ctrl-C in a terminal reaches its owner alone, who ends it in order.
 */
export class TrackedProcess {
  readonly pid: number;
  /** Resolves when the process has ended and all its output was read. */
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
    hold({ pid });
    for (const stream of [child.stdout, child.stderr]) {
      if (!stream) continue;
      createInterface({ input: stream }).on('line', (line) => {
        if (this.#lastLines.push(line) > keptLines) this.#lastLines.shift();
        onLine?.(line);
      });
    }
    if (onMessage) child.on('message', onMessage);
    this.exited = new Promise((resolve) => {
      child.once('close', (code, signal) => void release({ pid }).then(() => resolve({ code, signal })));
    });
  }

  /** @throws {Error} when the command cannot be run at all. */
  static async start({ command, args, env, ...hearing }: ProcessOptions): Promise<TrackedProcess> {
    const child = spawn(command, args, {
      detached: true,
      stdio: ['ignore', 'pipe', 'pipe', ...(hearing.onMessage ? (['ipc'] as const) : [])],
      ...(env && { env }),
    });
    await new Promise<void>((resolve, reject) => {
      child.once('spawn', resolve).once('error', (cause) => {
        reject(new Error(`${command} cannot be run: ${cause.message}`, { cause }));
      });
    });
    return new TrackedProcess(child, child.pid as number, hearing);
  }

  get running(): boolean {
    return this.#child.exitCode === null && this.#child.signalCode === null;
  }

  /** The last lines of its output, oldest first. */
  get lastLines(): readonly string[] {
    return this.#lastLines;
  }

  /** Sends a signal. Nothing happens when the process has ended already. */
  signal(signal: NodeJS.Signals): void {
    if (this.running) this.#child.kill(signal);
  }

  /** A message for a Node program that was started with `onMessage`. One that has ended hears nothing. */
  send(message: object): void {
    if (this.#child.connected) this.#child.send(message, () => {});
  }

  /** SIGKILL, and waits for the end. */
  async kill(): Promise<ProcessExit> {
    this.signal('SIGKILL');
    return this.exited;
  }

  /** SIGTERM, after `graceMs` SIGKILL, and waits for the end. A frozen process goes at once. */
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
