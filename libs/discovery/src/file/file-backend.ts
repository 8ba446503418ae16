import type { Backend, ObservedSet, ObserveSession, OwnRecord } from '../backend/backend.js';
import type { DiscoveryError } from '../model/errors.js';
import type { Instance } from '../model/instance.js';
import { waitForChange } from '../runtime/wait-for-change.js';
import { DirectoryIndex } from './directory-index.js';
import { DirectoryView } from './directory-view.js';
import { checked, type CheckedFileOptions, type FileOptions } from './options.js';
import { FileOwnRecord, type RecordContext } from './own-record.js';
import { newOwner } from './owner.js';
import { serviceOf } from './record.js';
import { Sweeper } from './sweep.js';

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
  readonly #context: RecordContext;
  readonly #index: DirectoryIndex;
  #view: DirectoryView | undefined;

  constructor(options: CheckedFileOptions) {
    this.#options = options;
    this.#context = { options, owner: newOwner(), sweeper: new Sweeper(options) };
    this.#index = new DirectoryIndex(options);
    this.location = `file://${options.directory}`;
  }

  ownRecord(instance: Instance): OwnRecord {
    return new FileOwnRecord(this.#context, instance);
  }

  observe(service: string, session: ObserveSession): AsyncIterable<ObservedSet> {
    return this.#observe(service, session);
  }

  observeAll(session: ObserveSession): AsyncIterable<ObservedSet> {
    return this.#observe(undefined, session);
  }

  async close(): Promise<void> {}

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
