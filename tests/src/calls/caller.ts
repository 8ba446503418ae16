import { until } from '@rollcall/tools';
import type { CallerApi, CallerConfig } from './caller-process.js';
import type { Request } from './contract.js';
import type { Findings } from './findings.js';
import type { Instance } from './instance.js';
import { Program } from './program.js';
import type { Report } from './tally.js';

/** What is slower is stuck, in ms. */
const deadlineMs = 30_000;

/** A caller in a process of its own, with its calls in flight. */
export class Caller {
  readonly #program: Program<CallerApi>;
  readonly #findings: Findings;

  private constructor(program: Program<CallerApi>, findings: Findings) {
    this.#program = program;
    this.#findings = findings;
  }

  /** What it sees is counted in `findings`. */
  static async start(config: CallerConfig, findings: Findings, env?: NodeJS.ProcessEnv): Promise<Caller> {
    const caller = new Caller(await Program.start<CallerApi>('caller-process', config, env), findings);
    await caller.resume();
    return caller;
  }

  resume(): Promise<void> {
    return this.#program.ask('start');
  }

  /** Resolves when the last call is over. */
  pause(): Promise<void> {
    return this.#program.ask('pause');
  }

  /** What it has seen since it was asked last. */
  async seen(): Promise<Report> {
    const report = await this.#program.ask('report');
    this.#findings.count(report);
    return report;
  }

  /** The last calls end, and are counted. */
  async end(): Promise<Report> {
    await this.pause();
    return this.seen();
  }

  /** Waits until each of `instances` has answered since it was asked last what it has seen. */
  async hears(instances: readonly Instance[]): Promise<void> {
    const ids = instances.map(({ id }) => id);
    let missing: readonly string[] = ids;
    await until(
      async () => {
        missing = await this.#program.ask('missing', ids);
        return missing.length === 0;
      },
      { deadlineMs, everyMs: 5, describe: () => `an answer of ${missing.join(', ')}` },
    );
  }

  /**
   * Waits until so many calls have ended since it was asked last what it has seen. What dies with an instance is sent again
   * within a budget of one call in ten: between two kills it has to be earned back.
   */
  async calls(count: number): Promise<void> {
    await until(async () => (await this.#program.ask('calls')) >= count, {
      deadlineMs,
      everyMs: 5,
      describe: () => `${count} calls`,
    });
  }

  /** One call beside the others, which is not sent twice. Resolves with the id of the instance that answered. */
  once(request: Request, withinMs: number): Promise<string> {
    return this.#program.ask('once', request, withinMs);
  }

  async kill(): Promise<void> {
    await this.#program.process.kill();
  }
}
