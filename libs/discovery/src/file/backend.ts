import type { Backend, ObservedSet, ObserveSession, OwnRecord } from '../backend/backend.js';
import type { DiscoveryError } from '../model/errors.js';
import type { Instance } from '../model/instance.js';
import { waitForChange } from '../runtime/wait-for-change.js';
import { DirectoryIndex } from './directory-index.js';
import { DirectoryView } from './directory-view.js';
import { type FileOptions, type FileSettings, fileSettings } from './options.js';
import { FileOwnRecord, type RecordContext } from './own-record.js';
import { newOwner } from './owner.js';
import { serviceOf } from './record.js';
import { Cleanup } from './cleanup.js';

/**
 * A registry for one machine that needs no server: a directory with a JSON file for each instance, written by rename.
 * An instance is alive while its process runs and its file is touched. A missing directory is an empty registry, an
 * unreadable one an unavailable registry.
 * @throws {DiscoveryError} INVALID_OPTION.
 */
export function fileBackend(options: FileOptions): Backend {
  return new FileBackend(fileSettings(options));
}

class FileBackend implements Backend {
  readonly scheme = 'file';
  readonly location: string;
  readonly #options: FileSettings;
  readonly #context: RecordContext;
  readonly #index: DirectoryIndex;
  #view: DirectoryView | undefined;

  constructor(options: FileSettings) {
    this.#options = options;
    this.#context = { options, owner: newOwner(), cleanup: new Cleanup(options) };
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
    if (!this.#view || this.#view.hasEnded) this.#view = new DirectoryView(this.#options, this.#index);
    const view = this.#view;
    const reported = new WeakSet<DiscoveryError>();
    let emitted: readonly Instance[] | undefined;
    const scan = view.addViewer(service);
    try {
      while (!signal.aborted) {
        const { revision, instances, unreadable } = view.contents;
        if (view.hasScanned(scan)) {
          for (const [name, reason] of unreadable) {
            if (reported.has(reason) || (service !== undefined && serviceOf(name) !== service)) continue;
            reported.add(reason);
            rejected(name, reason);
          }
          const found =
            service === undefined ? [...instances.values()].flat() : (instances.get(service) ?? []);
          if (!emitted || !haveSameElements(found, emitted)) {
            emitted = found;
            yield { instances: found, revision: String(revision) };
            continue;
          }
        }
        await waitForChange(view, signal);
      }
    } finally {
      view.removeViewer(service);
    }
  }
}

/** By identity: an unchanged instance is the same object. */
function haveSameElements(a: readonly Instance[], b: readonly Instance[]): boolean {
  return a.length === b.length && a.every((instance, i) => instance === b[i]);
}
