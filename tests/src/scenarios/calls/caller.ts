import { until } from '@rollcall/tools';
import type { CallFindings } from './call-findings.js';
import type { CallWindow } from './call-stats.js';
import type { CallerApi, CallerConfig } from './caller-main.js';
import type { Request } from './contract.js';
import { RemoteProcess } from './remote-process.js';

/** What takes longer has hung, in ms. */
const deadlineMs = 30_000;

/** A client in a process of its own that always has the same number of calls in flight. */
export class Caller {
  readonly #remote: RemoteProcess<CallerApi>;
  readonly #findings: CallFindings;

  private constructor(remote: RemoteProcess<CallerApi>, findings: CallFindings) {
    this.#remote = remote;
    this.#findings = findings;
  }

  /** Its calls are counted in `findings`. */
  static async start(config: CallerConfig, findings: CallFindings, env?: NodeJS.ProcessEnv): Promise<Caller> {
    return new Caller(await RemoteProcess.start<CallerApi>('caller-main', config, env), findings);
  }

  /** Connects without a call. Resolves when an instance is ready. */
  async connect(): Promise<void> {
    await until(() => this.#remote.call('connect'), {
      deadlineMs,
      everyMs: 5,
      describe: () => 'a connection to an instance',
    });
  }

  /** Always 60 calls in flight, or so many calls a second. */
  resume(callsPerSecond?: number): Promise<void> {
    return this.#remote.call('resume', ...(callsPerSecond === undefined ? [] : [callsPerSecond]));
  }

  /** Resolves when the last call has ended. */
  pause(): Promise<void> {
    return this.#remote.call('pause');
  }

  /** Ends the window of time that is being counted, and begins the next one. */
  async nextWindow(): Promise<CallWindow> {
    const window = await this.#remote.call('nextWindow');
    this.#findings.count(window);
    return window;
  }

  /** Pauses for good. Resolves with the last window. */
  async stop(): Promise<CallWindow> {
    await this.pause();
    return this.nextWindow();
  }

  /** Waits until each of `instances` has responded in this window. */
  async untilResponsesOf(instances: readonly { readonly id: string }[]): Promise<void> {
    const ids = instances.map(({ id }) => id);
    let missing: readonly string[] = ids;
    await until(
      async () => {
        missing = await this.#remote.call('missingResponsesOf', ids);
        return missing.length === 0;
      },
      { deadlineMs, everyMs: 5, describe: () => `a response of ${missing.join(', ')}` },
    );
  }

  /**
   * Waits until `count` calls have ended in this window. Retries are limited to one call in ten: between two kills the retry
   * budget must refill.
   */
  async untilCalls(count: number): Promise<void> {
    await until(async () => (await this.#remote.call('calls')) >= count, {
      deadlineMs,
      everyMs: 5,
      describe: () => `${count} calls`,
    });
  }

  /** Waits until the calls that are in flight now have ended. */
  async untilInFlightEnded(): Promise<void> {
    const last = await this.#remote.call('started');
    await until(async () => (await this.#remote.call('oldestInFlight')) > last, {
      deadlineMs,
      everyMs: 5,
      describe: () => `call ${last} to end`,
    });
  }

  /** Makes one more call, which may be retried. Resolves with its error. */
  callFailing(request: Request): Promise<string> {
    return this.#remote.call('callFailing', request);
  }

  /** Makes one more call, which is never retried. Resolves with the id of the instance that responded. */
  callOnce(request: Request, timeoutMs: number): Promise<string> {
    return this.#remote.call('callOnce', request, timeoutMs);
  }

  /** How many calls of the method beside succeeded. */
  besides(): Promise<number> {
    return this.#remote.call('besides');
  }

  async kill(): Promise<void> {
    await this.#remote.process.kill();
  }
}
