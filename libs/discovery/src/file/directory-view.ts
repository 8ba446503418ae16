import { EventEmitter } from 'node:events';
import { DiscoveryError } from '../model/errors.js';
import { startTimer } from '../runtime/timers.js';
import { stepDeadlineMs, within } from './deadline.js';
import type { Contents, DirectoryIndex } from './directory-index.js';
import { DirectoryWatch } from './directory-watch.js';
import { Notices } from './notices.js';
import type { CheckedFileOptions } from './options.js';
import { serviceOf } from './record.js';
import { stampOf } from './stamp.js';
import { sweep } from './sweep.js';

/** All files are looked at this often, in ms: for heartbeats, and for what no notice told of. */
const passEveryMs = 1_000;
/** `change`: other {@link DirectoryView.contents}, one more pass over all files, or the end. */
interface Events {
  change: [];
}

/**
 * One look at the directory for all who observe it in this process: the system's notices tell of files that come and
 * go, pids are asked at every scan, and a pass over all files is the net under both. Lives while somebody looks.
 */
export class DirectoryView extends EventEmitter<Events> {
  readonly #options: CheckedFileOptions;
  readonly #index: DirectoryIndex;
  readonly #watch: DirectoryWatch;
  /** The services that are looked at, one entry for each who looks; undefined for all services. */
  readonly #viewers: (string | undefined)[] = [];
  readonly #notices = new Notices(() => this.#lookNow());
  #passesBegun = 0;
  #passesDone = 0;
  #passedAt = -Infinity;
  #scannedAt = -Infinity;
  #sweptAt = performance.now();
  #passAsked = false;
  #looking = false;
  #hurry = false;
  #ended = false;
  #failure: DiscoveryError | undefined;
  #cancelScan = () => {};

  /** What `index` knows from earlier views is not read again. */
  constructor(options: CheckedFileOptions, index: DirectoryIndex) {
    super();
    this.setMaxListeners(0);
    this.#options = options;
    this.#index = index;
    this.#watch = new DirectoryWatch(options.directory, {
      notice: (kind, name) => this.#hear(kind, name),
      gone: () => this.#lookNow(),
    });
  }

  /** @throws {DiscoveryError} REGISTRY_UNAVAILABLE, once the directory cannot be looked at any more. */
  get contents(): Contents {
    if (this.#failure) throw this.#failure;
    return this.#index.contents;
  }

  /** Whether it is over, because nobody looks any more or because it failed. It does not begin again. */
  get ended(): boolean {
    return this.#ended;
  }

  /** Begins to look at a service, or at all of them. Returns the number of the pass that will have seen it. */
  enter(service: string | undefined): number {
    this.#viewers.push(service);
    this.#passAsked = true;
    this.#lookNow();
    return this.#passesBegun + 1;
  }

  hasPassed(pass: number): boolean {
    return this.#passesDone >= pass;
  }

  /** No longer looks. The view ends with its last viewer. */
  leave(service: string | undefined): void {
    this.#viewers.splice(this.#viewers.indexOf(service), 1);
    if (this.#viewers.length === 0) this.#end();
  }

  #isViewed(service: string): boolean {
    return this.#viewers.includes(service) || this.#viewers.includes(undefined);
  }

  #hear(kind: 'rename' | 'change', name: string): void {
    const service = serviceOf(name);
    if (service === undefined || !this.#isViewed(service)) return;
    // A heartbeat, as a rule: the next pass is early enough for it.
    if (kind === 'change' && this.#index.isLiving(name)) return;
    this.#notices.add(name);
  }

  #lookNow(): void {
    this.#hurry = true;
    if (!this.#looking) void this.#lookWhileThereIsHurry();
  }

  async #lookWhileThereIsHurry(): Promise<void> {
    this.#looking = true;
    this.#cancelScan();
    while (this.#hurry && !this.#ended) {
      this.#hurry = false;
      try {
        await within(stepDeadlineMs, `directory ${this.#options.directory}`, this.#look());
      } catch (error) {
        this.#failure = error as DiscoveryError;
        this.#end();
      }
    }
    this.#looking = false;
    if (!this.#ended) this.#cancelScan = startTimer(this.#options.scanIntervalMs, () => this.#lookNow());
  }

  async #look(): Promise<void> {
    const { directory, scanIntervalMs, staleAfterMs } = this.#options;
    const now = performance.now();
    const noticed = this.#notices.take();
    const stamp = await stampOf(directory);
    if (this.#ended) return;
    if (!stamp) this.#watch.disarm();
    const notWatched = !stamp || this.#watch.arm(stamp.identity);
    if (notWatched || this.#passAsked || now - this.#passedAt >= passEveryMs) {
      await this.#pass(now, { withJunk: notWatched || this.#passAsked });
    }
    await this.#index.refresh(noticed);
    if (this.#ended) return;
    // Half of it, so that looks in between do not put a scan off to twice its time.
    const askPids = now - this.#scannedAt >= scanIntervalMs / 2;
    if (askPids) this.#scannedAt = now;
    const changed = this.#index.judge({ askPids });
    const passed = this.#passesDone !== this.#passesBegun;
    this.#passesDone = this.#passesBegun;
    if (changed || passed) this.emit('change');
    if (now - this.#sweptAt < staleAfterMs) return;
    this.#sweptAt = now;
    await sweep(this.#options, this.#index.silent());
  }

  async #pass(now: number, { withJunk }: { withJunk: boolean }): Promise<void> {
    this.#passesBegun += 1;
    this.#passedAt = now;
    this.#passAsked = false;
    await this.#index.pass({ wanted: (service) => this.#isViewed(service), withJunk });
  }

  #end(): void {
    this.#ended = true;
    this.#cancelScan();
    this.#notices.cancel();
    this.#watch.disarm();
    this.emit('change');
  }
}
