import { type FSWatcher, watch } from 'node:fs';
import { basename } from 'node:path';

/** What the system tells of a directory: `name` was put there, taken away or written to. */
export type Notice = (kind: 'rename' | 'change', name: string) => void;

/**
 * Notices of one directory, of whichever stands at `path`: one that is deleted and made again has to be watched anew.
 * A system that gives no notices (no inotify, none left, a network) makes it a watch that never tells anything.
 */
export class DirectoryWatch {
  readonly #path: string;
  readonly #notice: Notice;
  readonly #gone: () => void;
  #watcher: FSWatcher | undefined;
  #identity: string | undefined;

  constructor(path: string, { notice, gone }: { notice: Notice; gone: () => void }) {
    this.#path = path;
    this.#notice = notice;
    this.#gone = gone;
  }

  /** Sees to it that the directory with this identity is watched. True when it was not: notices may have been missed. */
  arm(identity: string): boolean {
    if (this.#watcher && this.#identity === identity) return false;
    this.disarm();
    try {
      this.#watcher = watch(this.#path, { persistent: false }, (kind, name) => this.#hear(kind, name));
      this.#watcher.on('error', () => this.#lose());
      this.#identity = identity;
    } catch {
      // The scan sees what is not told.
    }
    return true;
  }

  disarm(): void {
    this.#watcher?.close();
    this.#watcher = undefined;
  }

  #hear(kind: 'rename' | 'change', name: string | null): void {
    // A notice about the directory itself: it was moved or deleted.
    if (name === null || (kind === 'rename' && name === basename(this.#path))) this.#lose();
    else this.#notice(kind, name);
  }

  #lose(): void {
    this.disarm();
    this.#gone();
  }
}
