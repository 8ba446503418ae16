import type { AnnounceSession, Backend, ObservedSet, ObserveSession } from '../backend/backend.js';
import type { DiscoveryError } from '../model/errors.js';
import type { Instance } from '../model/instance.js';
import { waitForChange } from '../runtime/wait-for-change.js';
import { sleep } from '../runtime/timers.js';
import { Claim } from './claim.js';
import { stepDeadlineMs, unlessAborted, within } from './deadline.js';
import { DirectoryIndex } from './directory-index.js';
import { DirectoryView } from './directory-view.js';
import { checked, type CheckedFileOptions, type FileOptions } from './options.js';
import { newOwner } from './owner.js';
import { serviceOf } from './record.js';
import { sweepAll } from './sweep.js';

/** An instance looks this often, in ms, whether its own record is still there. */
const verifyEveryMs = 250;
/** Leaving takes no longer than this, in ms, whatever the file system does. */
const leaveDeadlineMs = 1_500;

/**
 * A registry for one machine that needs no server: a directory with a JSON file for each instance, written by rename.
 * An instance is alive while its process lives and its file is fresh. A directory that is not there is an empty
 * registry; one that cannot be read is a registry that is away.
 * @throws {DiscoveryError} INVALID_OPTION.
 */
export function fileBackend(options: FileOptions): Backend {
  return new FileBackend(checked(options));
}

class FileBackend implements Backend {
  readonly scheme = 'file';
  readonly location: string;
  readonly #options: CheckedFileOptions;
  readonly #owner = newOwner();
  readonly #index: DirectoryIndex;
  #view: DirectoryView | undefined;
  #sweptAt = -Infinity;

  constructor(options: CheckedFileOptions) {
    this.#options = options;
    this.#index = new DirectoryIndex(options);
    this.location = `file://${options.directory}`;
  }

  async announce(instance: Instance, session: AnnounceSession): Promise<void> {
    const claim = new Claim(instance, this.#owner, this.#options);
    const holding = this.#hold(claim, session);
    void this.#sweepNowAndThen(session.signal);
    await unlessAborted(session.signal, holding);
    // After what may still be under way, so that nothing is written later.
    const leaving = holding.catch(() => {}).then(() => claim.release());
    // What cannot be removed goes stale.
    await within(leaveDeadlineMs, this.location, leaving).catch(() => {});
  }

  observe(service: string, session: ObserveSession): AsyncIterable<ObservedSet> {
    return this.#observe(service, session);
  }

  observeAll(session: ObserveSession): AsyncIterable<ObservedSet> {
    return this.#observe(undefined, session);
  }

  async close(): Promise<void> {}

  /** An instance that comes clears up after those that died before it. One at a time for a backend, and not often. */
  async #sweepNowAndThen(signal: AbortSignal): Promise<void> {
    if (performance.now() - this.#sweptAt < this.#options.staleAfterMs) return;
    this.#sweptAt = performance.now();
    await sweepAll(this.#options, signal);
  }

  /** Keeps the claim until `signal` aborts; throws when it is lost. */
  async #hold(claim: Claim, { signal, registered }: AnnounceSession): Promise<void> {
    if (signal.aborted) return;
    const step = (work: Promise<void>) => within(stepDeadlineMs, this.location, work);
    await step(claim.stake());
    if (signal.aborted) return;
    registered();
    const { heartbeatMs } = this.#options;
    let touchedAt = performance.now();
    for (;;) {
      await sleep(Math.min(verifyEveryMs, heartbeatMs), signal);
      if (signal.aborted) return;
      await step(claim.verify());
      if (performance.now() - touchedAt < heartbeatMs) continue;
      await step(claim.touch());
      touchedAt = performance.now();
    }
  }

  async *#observe(service: string | undefined, session: ObserveSession): AsyncIterable<ObservedSet> {
    const { signal, rejected } = session;
    if (signal.aborted) return;
    if (!this.#view || this.#view.ended) this.#view = new DirectoryView(this.#options, this.#index);
    const view = this.#view;
    const reported = new WeakSet<DiscoveryError>();
    let shown: readonly Instance[] | undefined;
    const pass = view.enter(service);
    try {
      while (!signal.aborted) {
        const { revision, instances, unreadable } = view.contents;
        if (view.hasPassed(pass)) {
          for (const [name, reason] of unreadable) {
            if (reported.has(reason) || (service !== undefined && serviceOf(name) !== service)) continue;
            reported.add(reason);
            rejected(name, reason);
          }
          const found =
            service === undefined ? [...instances.values()].flat() : (instances.get(service) ?? []);
          if (!shown || !sameMembers(found, shown)) {
            shown = found;
            yield { instances: found, revision: String(revision) };
            continue;
          }
        }
        await waitForChange(view, signal);
      }
    } finally {
      view.leave(service);
    }
  }
}

/** An instance that has not changed is the same object. */
function sameMembers(a: readonly Instance[], b: readonly Instance[]): boolean {
  return a.length === b.length && a.every((instance, i) => instance === b[i]);
}
