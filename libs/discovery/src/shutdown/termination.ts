import { keepProcessAlive, sleep } from '../runtime/timers.js';
import { cleanupTimeoutMs, type DrainResult, type GracefulShutdown } from './graceful-shutdown.js';

export interface TerminationOptions {
  /** Default SIGTERM and SIGINT. */
  readonly signals?: readonly NodeJS.Signals[];
  /**
   * Called after a signal, once all servers of the process have drained: close clients, pools and the registry here. The process
   * exits when it resolves, or after 5 s; with 1 if it rejects.
   */
  readonly beforeExit?: (result: DrainResult) => unknown;
}

interface Member {
  readonly shutdown: Pick<GracefulShutdown, 'deregister' | 'close' | 'force'>;
  readonly beforeExit: (result: DrainResult) => unknown;
}

/** One sequence for all servers of a process: none stops listening before all are deregistered. */
class Termination {
  readonly #members = new Set<Member>();
  readonly #results = new Map<Member, DrainResult>();
  readonly #handled = new Set<NodeJS.Signals>();
  #received = 0;

  /** Returns a function that removes the member again. */
  add(member: Member, signals: readonly NodeJS.Signals[]): () => void {
    this.#members.add(member);
    for (const signal of signals) {
      if (this.#handled.has(signal)) continue;
      this.#handled.add(signal);
      process.on(signal, this.#onSignal);
    }
    return () => {
      this.#members.delete(member);
      // Without handlers of its own, a process ends on a signal, as it should when nothing is left to shut down.
      if (this.#members.size === 0 && this.#received === 0) this.#ignoreSignals();
    };
  }

  readonly #onSignal = (signal: NodeJS.Signals): void => {
    this.#received += 1;
    if (this.#received === 2) for (const { shutdown } of this.#members) shutdown.force();
    if (this.#received > 2) process.exit(1);
    if (this.#received > 1) return;
    keepProcessAlive(this.#run(signal)).then(
      () => process.exit(0),
      (error: unknown) => {
        console.error(error);
        process.exit(1);
      },
    );
  };

  async #run(reason: string): Promise<void> {
    // A server may have been added meanwhile: the process was still starting.
    for (let open: Member[]; (open = this.#open()).length > 0;) {
      await Promise.all(open.map(({ shutdown }) => shutdown.deregister(reason)));
      await Promise.all(
        open.map(async (member) => this.#results.set(member, await member.shutdown.close(reason))),
      );
    }
    const cleanups = [...this.#results].map(async ([{ beforeExit }, result]) => beforeExit(result));
    await Promise.race([Promise.all(cleanups), sleep(cleanupTimeoutMs)]);
  }

  #open(): Member[] {
    return [...this.#members].filter((member) => !this.#results.has(member));
  }

  #ignoreSignals(): void {
    for (const signal of this.#handled) process.off(signal, this.#onSignal);
    this.#handled.clear();
  }
}

/** Shared by the copies of this library in a process, or the first to finish would end the others. */
const key = Symbol.for('@rollcall/discovery/termination/1');
const holder = globalThis as { [key]?: Termination };

/**
 * Shuts down on a signal, together with all other servers of the process, and exits with 0. A second signal forces it; a third
 * one exits with 1 at once. Returns a function that takes it back.
 */
export function shutDownOnSignals(
  shutdown: GracefulShutdown,
  { signals = ['SIGTERM', 'SIGINT'], beforeExit = () => {} }: TerminationOptions = {},
): () => void {
  holder[key] ??= new Termination();
  return holder[key].add({ shutdown, beforeExit }, signals);
}
