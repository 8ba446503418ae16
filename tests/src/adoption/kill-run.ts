import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type ProcessExit, TrackedProcess, until } from '@rollcall/tools';
import { expect } from 'vitest';
import { strangerEnvironment } from './npm.js';

const preload = fileURLToPath(new URL('callers.mjs', import.meta.url));
const deadlineMs = 30_000;

export const noFailures = { failed: 0, errors: [] };

/** What the preloaded `callers.mjs` sends. */
interface CallReport {
  readonly calls: number;
  readonly failed: number;
  readonly errors: readonly string[];
  readonly servedBy: Readonly<Record<string, number>>;
  readonly stopped: boolean;
}

/** A client program with 20 callers. */
class Callers {
  readonly process: TrackedProcess;
  readonly #report: () => CallReport;

  constructor(started: TrackedProcess, report: () => CallReport) {
    this.process = started;
    this.#report = report;
  }

  get calls(): number {
    return this.#report().calls;
  }

  async untilServedBy(...servers: readonly TrackedProcess[]): Promise<void> {
    const missing = () =>
      servers.map(({ pid }) => `greeter-${pid}`).filter((id) => !this.#report().servedBy[id]);
    await this.#until(
      () => missing().length === 0,
      () =>
        `calls served by ${missing().join(', ')}; ${JSON.stringify(servers.map((each) => each.lastLines))}`,
    );
  }

  /** Waits for `count` more calls. */
  async untilMoreCalls(count: number): Promise<void> {
    const goal = this.calls + count;
    await this.#until(
      () => this.calls >= goal,
      () => `${goal} calls`,
    );
  }

  /** Stops the callers, and returns the failures of all their calls. */
  async failures(): Promise<Pick<CallReport, 'failed' | 'errors'>> {
    this.process.send({ stop: true });
    await this.#until(
      () => this.#report().stopped,
      () => 'the last report',
    );
    const { failed, errors } = this.#report();
    return { failed, errors };
  }

  async #until(condition: () => boolean, what: () => string): Promise<void> {
    const describe = () =>
      `${what()}; report ${JSON.stringify(this.#report())}; output ${JSON.stringify(this.process.lastLines)}`;
    await until(condition, { deadlineMs, describe });
  }
}

/** Programs that share a directory as their registry; each gets its URL as argument. */
export class KillRun {
  readonly #directory: string;
  readonly #processes: TrackedProcess[] = [];

  private constructor(directory: string) {
    this.#directory = directory;
  }

  static async create(): Promise<KillRun> {
    return new KillRun(await mkdtemp(join(tmpdir(), 'rollcall-registry-')));
  }

  /** Starts a server that answers with its id, `greeter-<pid>`. */
  startServer(program: string): Promise<TrackedProcess> {
    return this.#start([program]);
  }

  async startCallers(program: string): Promise<Callers> {
    let report: CallReport = { calls: 0, failed: 0, errors: [], servedBy: {}, stopped: false };
    const onMessage = (message: unknown) => (report = message as CallReport);
    return new Callers(await this.#start(['--import', preload, program], onMessage), () => report);
  }

  /** Sends SIGTERM and waits for the exit. */
  stop(server: TrackedProcess): Promise<ProcessExit> {
    return server.stop(deadlineMs);
  }

  async close(): Promise<void> {
    await Promise.all(this.#processes.map((started) => started.kill()));
    await rm(this.#directory, { recursive: true, force: true });
  }

  async #start(args: readonly string[], onMessage?: (message: unknown) => void): Promise<TrackedProcess> {
    const started = await TrackedProcess.start({
      command: process.execPath,
      args: [...args, `file://${this.#directory}`],
      env: strangerEnvironment,
      ...(onMessage && { onMessage }),
    });
    this.#processes.push(started);
    return started;
  }
}

/** Runs 20 callers while one of three instances is killed and replaced, and another one stopped: no call fails. */
export async function expectNoFailedCallWhileOneIsKilled(
  server: string,
  client: string,
  exit: ProcessExit = { code: 0, signal: null },
): Promise<void> {
  const run = await KillRun.create();
  try {
    const start = () => run.startServer(server);
    const [killed, stopped, third] = await Promise.all([start(), start(), start()]);
    const callers = await run.startCallers(client);
    await callers.untilServedBy(killed, stopped, third);
    await killed.kill();
    await callers.untilMoreCalls(500);
    await callers.untilServedBy(await start());
    expect(await run.stop(stopped)).toEqual(exit);
    await callers.untilMoreCalls(500);
    expect(await callers.failures()).toEqual(noFailures);
  } finally {
    await run.close();
  }
}
