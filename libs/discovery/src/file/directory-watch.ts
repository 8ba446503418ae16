import { type FSWatcher, watch } from 'node:fs';
import { basename } from 'node:path';

/** `rename`: file `name` was created or removed. `change`: it was written or touched. */
export type Notice = (kind: 'rename' | 'change', name: string) => void;

/**
 * `fs.watch` of the directory that currently exists at `path`: one that was deleted and created again needs a new watch. Emits
 * nothing where the system has no notices (no inotify, its limit is reached, a network directory).
 */
export class DirectoryWatch {
  readonly #path: string;
  readonly #onNotice: Notice;
  readonly #onGone: () => void;
  #watcher: FSWatcher | undefined;
  #identity: string | undefined;

  constructor(path: string, { onNotice, onGone }: { onNotice: Notice; onGone: () => void }) {
    this.#path = path;
    this.#onNotice = onNotice;
    this.#onGone = onGone;
  }

  /** Watches the directory with this identity. True when it was not watched before: notices may have been missed. */
  ensureWatching(identity: string): boolean {
    if (this.#watcher && this.#identity === identity) return false;
    this.stop();
    try {
      this.#watcher = watch(this.#path, { persistent: false }, (kind, name) => this.#receive(kind, name));
      this.#watcher.on('error', () => this.#fail());
      this.#identity = identity;
    } catch {
      // Scans find changes without notices.
    }
    return true;
  }

  stop(): void {
    this.#watcher?.close();
    this.#watcher = undefined;
  }

  #receive(kind: 'rename' | 'change', name: string | null): void {
    // About the directory itself: it was moved or deleted.
    if (name === null || (kind === 'rename' && name === basename(this.#path))) this.#fail();
    else this.#onNotice(kind, name);
  }

  #fail(): void {
    this.stop();
    this.#onGone();
  }
}
