import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { DiscoveryError } from '../model/errors.js';
import type { Instance } from '../model/instance.js';
import type { FileSettings } from './options.js';
import { processState, type Owner } from './owner.js';
import { serviceOf } from './record.js';
import { readContent, type StampedRecord } from './record-file.js';
import { ageMs, sameFile, stampOf } from './file-stamp.js';

/** The state of the directory at the last {@link DirectoryIndex.update}. */
export interface Contents {
  /** Incremented with each change. */
  readonly revision: number;
  /** The live instances of each service; unchanged instances are the same objects. */
  readonly instances: ReadonlyMap<string, readonly Instance[]>;
  /** Unreadable records, and why: the same error object until the file is written. */
  readonly unreadable: ReadonlyMap<string, DiscoveryError>;
}

/** How many files are open at once: a process may have few descriptors left. */
const maxConcurrentReads = 16;

interface Entry extends StampedRecord {
  /** Time of the last heartbeat on the monotonic clock: a step of the wall clock makes no record stale. */
  freshAt: number;
  /** When the file was last checked. */
  readonly seenAt: number;
  /** Result of the last check of the owner's pid. */
  isOwnerAlive?: boolean;
  alive: boolean;
}

/** The known files of the directory. Reads a file again only when its content may have changed. */
export class DirectoryIndex {
  readonly #options: FileSettings;
  readonly #entries = new Map<string, Entry>();
  #changed = false;
  #contents: Contents = { revision: 0, instances: new Map(), unreadable: new Map() };

  constructor(options: FileSettings) {
    this.#options = options;
  }

  get contents(): Contents {
    return this.#contents;
  }

  /** Whether the file is the record of a live instance. */
  isAlive(name: string): boolean {
    return this.#entries.get(name)?.alive === true;
  }

  /**
   * Checks all files of the services that `isViewed` selects; unreadable ones only `withUnreadable`. Forgets the files of all
   * other services. A missing directory has no files.
   */
  async refreshAll(isViewed: (service: string) => boolean, withUnreadable: boolean): Promise<void> {
    const isSelected = (name: string) => {
      const service = serviceOf(name);
      return service !== undefined && isViewed(service);
    };
    const listed = new Set((await listFiles(this.#options.directory)).filter(isSelected));
    const isDue = (name: string) =>
      withUnreadable || !(this.#entries.get(name)?.content instanceof DiscoveryError);
    const due = [...listed].filter(isDue);
    // A file that is being replaced can be missing from the listing, so known files that are not listed are checked.
    for (const name of this.#entries.keys()) {
      if (!isSelected(name)) this.#delete(name);
      else if (!listed.has(name)) due.push(name);
    }
    await this.refresh(due);
  }

  /** Forgets all files: the directory is missing. */
  clear(): void {
    for (const name of this.#entries.keys()) this.#delete(name);
  }

  /** @throws {Error} when a file cannot be read for a reason that is not its content. */
  async refresh(names: Iterable<string>): Promise<void> {
    const rest = [...names];
    const refreshNext = async () => {
      for (let name = rest.pop(); name !== undefined; name = rest.pop()) await this.#refresh(name);
    };
    await Promise.all(Array.from({ length: maxConcurrentReads }, refreshNext));
  }

  /**
   * Updates {@link contents}. Returns whether they have changed. On a read-only file system no heartbeat is possible: there,
   * a process of this machine counts as alive as long as its pid does.
   */
  update({ checkPids, isReadOnly = false }: { checkPids: boolean; isReadOnly?: boolean }): boolean {
    const now = performance.now();
    const freshSince = now - this.#options.staleAfterMs;
    // One process can own many records.
    const stateOf = memoized(processState);
    for (const entry of this.#entries.values()) {
      if (entry.content instanceof DiscoveryError) continue;
      const { owner } = entry.content;
      if (checkPids || entry.isOwnerAlive === undefined)
        entry.isOwnerAlive = !owner || stateOf(owner) !== 'dead';
      if (isReadOnly && owner && stateOf(owner) === 'alive') entry.freshAt = now;
      const alive = entry.isOwnerAlive && entry.freshAt > freshSince;
      this.#changed ||= alive !== entry.alive;
      entry.alive = alive;
    }
    if (!this.#changed) return false;
    this.#changed = false;
    this.#contents = this.#summary();
    return true;
  }

  /** Records of instances that are not alive. */
  stale(): string[] {
    const names: string[] = [];
    for (const [name, { alive, content }] of this.#entries) {
      if (!alive && !(content instanceof DiscoveryError)) names.push(name);
    }
    return names;
  }

  async #refresh(name: string): Promise<void> {
    const path = join(this.#options.directory, name);
    const before = this.#entries.get(name);
    const stamp = await stampOf(path);
    if (!stamp) return this.#delete(name);
    const touched = before?.stamp.modifiedNs !== stamp.modifiedNs;
    const seenAt = performance.now();
    // The wall clock may have been set meanwhile, but the file was touched after the last check.
    const freshAt = touched ? Math.max(seenAt - ageMs(stamp), before?.seenAt ?? -Infinity) : before.freshAt;
    if (before && sameFile(before.stamp, stamp) && (!touched || isOwned(before))) {
      this.#entries.set(name, { ...before, stamp, freshAt, seenAt });
      return;
    }
    const content = await readContent(path, stamp);
    this.#entries.set(name, { stamp, content, freshAt, seenAt, alive: false });
    this.#changed = true;
  }

  #delete(name: string): void {
    this.#changed = this.#entries.delete(name) || this.#changed;
  }

  #summary(): Contents {
    const instances = new Map<string, Instance[]>();
    const unreadable = new Map<string, DiscoveryError>();
    for (const [name, { alive, content }] of this.#entries) {
      if (content instanceof DiscoveryError) {
        unreadable.set(name, content);
      } else if (alive) {
        const { service } = content.instance;
        const known = instances.get(service);
        if (known) known.push(content.instance);
        else instances.set(service, [content.instance]);
      }
    }
    return { revision: this.#contents.revision + 1, instances, unreadable };
  }
}

async function listFiles(directory: string): Promise<string[]> {
  try {
    return await readdir(directory);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw error;
  }
}

/** Checks each process once. */
function memoized<Result>(check: (owner: Owner) => Result): (owner: Owner) => Result {
  const results = new Map<string, Result>();
  return (owner) => {
    const process = `${owner.pid} ${owner.startedAt} ${owner.where}`;
    const result = results.get(process) ?? check(owner);
    results.set(process, result);
    return result;
  };
}

/** Whether it is a record of Rollcall, which replaces a file and never writes into it. */
function isOwned({ content }: Entry): boolean {
  return !(content instanceof DiscoveryError) && content.owner !== undefined;
}
