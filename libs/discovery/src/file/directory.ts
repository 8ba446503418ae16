import { type FSWatcher, type Stats, watch } from 'node:fs';
import { readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { DiscoveryError } from '../errors.js';
import { after } from '../timer.js';
import { life } from './owner.js';
import { decode, type FileRecord, serviceOf } from './record.js';

interface Entry {
  /** Changes whenever the content may have. */
  readonly version: string;
  readonly record: FileRecord | DiscoveryError;
  readonly alive: boolean;
}

export interface DirectoryOptions {
  readonly path: string;
  readonly scanIntervalMs: number;
  readonly staleAfterMs: number;
}

type Listener = (change: 'changed' | DiscoveryError) => void;

/**
 * What stands in the directory, for all who look at it in this process: one scan, however many services are watched.
 * The file system tells of files that come and go; that a process has died it does not tell, so there is a scan, too.
 */
export class Directory {
  readonly #options: DirectoryOptions;
  readonly #listeners = new Set<Listener>();
  readonly #entries = new Map<string, Entry>();
  #revision = 0;
  #scanned = false;
  #watcher: FSWatcher | undefined;
  #inode = 0;
  #scanning = false;
  #again = false;
  #cancelScan = () => {};

  constructor(options: DirectoryOptions) {
    this.#options = options;
  }

  get revision(): number {
    return this.#revision;
  }

  /** False until the first scan has ended. */
  get scanned(): boolean {
    return this.#scanned;
  }

  /** Records of living instances, of one service or of all. */
  *living(service?: string): Iterable<FileRecord> {
    for (const [name, { record, alive }] of this.#entries) {
      if (
        alive &&
        !(record instanceof DiscoveryError) &&
        (service === undefined || serviceOf(name) === service)
      )
        yield record;
    }
  }

  /** Files that look like ours and cannot be read. */
  *unreadable(service?: string): Iterable<[name: string, reason: DiscoveryError]> {
    for (const [name, { record }] of this.#entries) {
      if (record instanceof DiscoveryError && (service === undefined || serviceOf(name) === service))
        yield [name, record];
    }
  }

  /** Looks until the returned function is called. `listener` hears of every change, and of a directory that is gone. */
  subscribe(listener: Listener): () => void {
    this.#listeners.add(listener);
    if (this.#listeners.size === 1) void this.#scan();
    return () => {
      this.#listeners.delete(listener);
      if (this.#listeners.size === 0) this.#rest();
    };
  }

  /** Nobody looks any more. */
  #rest(): void {
    this.#cancelScan();
    this.#watcher?.close();
    this.#watcher = undefined;
    this.#entries.clear();
    this.#scanned = false;
  }

  #tell(change: 'changed' | DiscoveryError): void {
    for (const listener of this.#listeners) listener(change);
  }

  async #scan(): Promise<void> {
    if (this.#scanning) {
      this.#again = true;
      return;
    }
    this.#scanning = true;
    this.#cancelScan();
    try {
      do {
        this.#again = false;
        const changed = await this.#readAll();
        if (this.#listeners.size === 0) break;
        if (changed || !this.#scanned) {
          this.#scanned = true;
          this.#revision += 1;
          this.#tell('changed');
        }
      } while (this.#again);
    } catch (error) {
      this.#watcher?.close();
      this.#watcher = undefined;
      this.#scanned = false;
      this.#tell(DiscoveryError.from(error, 'REGISTRY_UNAVAILABLE', `directory ${this.#options.path}`));
    } finally {
      this.#scanning = false;
    }
    if (this.#listeners.size === 0) this.#rest();
    else this.#cancelScan = after(this.#options.scanIntervalMs, () => void this.#scan());
  }

  async #readAll(): Promise<boolean> {
    const { path } = this.#options;
    this.#watch((await stat(path)).ino);
    const names = (await readdir(path)).filter((name) => serviceOf(name) !== undefined);
    const entries = await Promise.all(names.map(async (name) => [name, await this.#read(name)] as const));
    let changed = false;
    for (const [name, entry] of entries) {
      const before = this.#entries.get(name);
      if (entry === undefined || before === entry) continue;
      changed ||= before?.record !== entry.record || before.alive !== entry.alive;
      this.#entries.set(name, entry);
    }
    const present = new Set(entries.filter(([, entry]) => entry).map(([name]) => name));
    for (const name of this.#entries.keys()) {
      if (present.has(name)) continue;
      this.#entries.delete(name);
      changed = true;
    }
    return changed;
  }

  /** The entry as it is, the same object when nothing has changed; undefined for a file that has gone meanwhile. */
  async #read(name: string): Promise<Entry | undefined> {
    const file = join(this.#options.path, name);
    const before = this.#entries.get(name);
    try {
      const stats = await stat(file);
      const version = `${stats.ino} ${stats.size} ${stats.birthtimeMs}`;
      const record =
        before?.version === version ? before.record : decoded(name, await readFile(file, 'utf8'));
      const alive = !(record instanceof DiscoveryError) && this.#isAlive(record, stats);
      return before?.version === version && before.alive === alive ? before : { version, record, alive };
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
      return { version: '', record: DiscoveryError.from(error, 'INVALID_RECORD', name), alive: false };
    }
  }

  #isAlive({ owner }: FileRecord, { mtimeMs }: Stats): boolean {
    return Date.now() - mtimeMs < this.#options.staleAfterMs && life(owner) !== 'dead';
  }

  /** Watches the directory that is there now: one that was deleted and made again is another one. */
  #watch(inode: number): void {
    if (this.#watcher && this.#inode === inode) return;
    this.#watcher?.close();
    this.#inode = inode;
    // Heartbeats are 'change', records are written by 'rename'.
    const watcher = watch(this.#options.path, { persistent: false }, (event) => {
      if (event === 'rename') void this.#scan();
    });
    watcher.on('error', () => {
      watcher.close();
      if (this.#watcher === watcher) this.#watcher = undefined;
    });
    this.#watcher = watcher;
  }
}

function decoded(name: string, text: string): FileRecord | DiscoveryError {
  try {
    return decode(name, text);
  } catch (error) {
    return DiscoveryError.from(error, 'INVALID_RECORD', name);
  }
}
