import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { DiscoveryError } from '../model/errors.js';
import type { Instance } from '../model/instance.js';
import type { CheckedFileOptions } from './options.js';
import { life, type Owner } from './owner.js';
import { serviceOf } from './record.js';
import { readContent, type StampedRecord } from './record-file.js';
import { ageMs, sameFile, stampOf } from './stamp.js';

/** What stood in the directory when it was last judged. */
export interface Contents {
  /** A count of the changes seen. */
  readonly revision: number;
  /** The living instances of each service: the same objects for as long as nothing changes. */
  readonly instances: ReadonlyMap<string, readonly Instance[]>;
  /** Files that look like ours and cannot be read, and why: the same object until they are written to. */
  readonly unreadable: ReadonlyMap<string, DiscoveryError>;
}

interface Entry extends StampedRecord {
  /** When its owner last gave a sign of life, on the monotonic clock: a step of the wall clock ages nobody. */
  readonly freshAt: number;
  /** When the file was last looked at. */
  readonly seenAt: number;
  /** What the owner's pid said last; undefined when it was not asked yet. */
  ownerLives?: boolean;
  alive: boolean;
}

/** What is known of the files in the directory. Reads each once, however often it is touched. */
export class DirectoryIndex {
  readonly #options: CheckedFileOptions;
  readonly #entries = new Map<string, Entry>();
  #changed = false;
  #contents: Contents = { revision: 0, instances: new Map(), unreadable: new Map() };

  constructor(options: CheckedFileOptions) {
    this.#options = options;
  }

  get contents(): Contents {
    return this.#contents;
  }

  /** Whether the file is known as that of a living instance. */
  isLiving(name: string): boolean {
    return this.#entries.get(name)?.alive === true;
  }

  /**
   * Looks at all files of the services that are `wanted`; what is known of others grows old. What was no record when
   * last seen is looked at `withJunk` only. A directory that is not there has no files.
   */
  async pass({
    wanted,
    withJunk,
  }: {
    wanted: (service: string) => boolean;
    withJunk: boolean;
  }): Promise<void> {
    const isWanted = (name: string) => {
      const service = serviceOf(name);
      return service !== undefined && wanted(service);
    };
    const listed = new Set((await listing(this.#options.directory)).filter(isWanted));
    const isDue = (name: string) => withJunk || !(this.#entries.get(name)?.content instanceof DiscoveryError);
    const due = [...listed].filter(isDue);
    // A file that is being replaced can be missing from the listing, so what is not listed is looked for.
    for (const name of this.#entries.keys()) if (isWanted(name) && !listed.has(name)) due.push(name);
    await this.refresh(due);
  }

  /** Looks at these files, whatever is known of them. */
  async refresh(names: Iterable<string>): Promise<void> {
    await Promise.all(Array.from(names, (name) => this.#refresh(name)));
  }

  /** Decides who is alive. True if there are other {@link contents} now. */
  judge({ askPids }: { askPids: boolean }): boolean {
    const freshSince = performance.now() - this.#options.staleAfterMs;
    // One process can own many records.
    const lives = memoised((owner) => life(owner) !== 'dead');
    for (const entry of this.#entries.values()) {
      if (entry.content instanceof DiscoveryError) continue;
      const { owner } = entry.content;
      if (askPids || entry.ownerLives === undefined) entry.ownerLives = !owner || lives(owner);
      const alive = entry.ownerLives && entry.freshAt > freshSince;
      this.#changed ||= alive !== entry.alive;
      entry.alive = alive;
    }
    if (!this.#changed) return false;
    this.#changed = false;
    this.#contents = this.#summary();
    return true;
  }

  /** Files whose owners do not give signs of life any more. */
  silent(): string[] {
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
    if (!stamp) return this.#forget(name);
    const touched = before?.stamp.modifiedNs !== stamp.modifiedNs;
    const seenAt = performance.now();
    // The wall clock may have been set meanwhile, but not before the last look was the file touched since.
    const freshAt = touched ? Math.max(seenAt - ageMs(stamp), before?.seenAt ?? -Infinity) : before.freshAt;
    if (before && sameFile(before.stamp, stamp) && (!touched || isOwned(before))) {
      this.#entries.set(name, { ...before, stamp, freshAt, seenAt });
      return;
    }
    const content = await readContent(path, stamp);
    this.#entries.set(name, { stamp, content, freshAt, seenAt, alive: false });
    this.#changed = true;
  }

  #forget(name: string): void {
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
        const others = instances.get(service);
        if (others) others.push(content.instance);
        else instances.set(service, [content.instance]);
      }
    }
    return { revision: this.#contents.revision + 1, instances, unreadable };
  }
}

async function listing(directory: string): Promise<string[]> {
  try {
    return await readdir(directory);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw error;
  }
}

/** Asks once about each process. */
function memoised(ask: (owner: Owner) => boolean): (owner: Owner) => boolean {
  const answers = new Map<string, boolean>();
  return (owner) => {
    const process = `${owner.pid} ${owner.startedAt} ${owner.where}`;
    const answer = answers.get(process) ?? ask(owner);
    answers.set(process, answer);
    return answer;
  };
}

/** Rollcall never writes into a file that it has put in place, and puts it right when somebody else does. */
function isOwned({ content }: Entry): boolean {
  return !(content instanceof DiscoveryError) && content.owner !== undefined;
}
