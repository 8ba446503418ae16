import { EventEmitter } from 'node:events';
import type { DiscoveryError } from '../model/errors.js';
import { sleep, startTimer } from '../runtime/timers.js';
import { removeExpired } from './cleanup.js';
import type { Contents, DirectoryIndex } from './directory-index.js';
import { DirectoryWatch } from './directory-watch.js';
import { isOnReadOnlyFileSystem, type Stamp, stampOf } from './file-stamp.js';
import { withStepTimeout } from './file-step.js';
import { NoticeBatch } from './notice-batch.js';
import type { FileSettings } from './options.js';
import { serviceOf } from './record.js';
import { assertTrusted } from './trusted-directory.js';

/** Interval at which all files are checked, in ms: for heartbeats, and for changes without a notice. */
const fullScanIntervalMs = 1_000;
/** How long a directory may be missing while it is replaced, in ms. */
const replacedWithinMs = 50;

/** `change`: new {@link DirectoryView.contents}, one more full scan, or the end. */
interface Events {
  change: [];
}

/**
 * Observes the directory for all viewers of this process: file system notices report created and removed files, each scan
 * checks the owners' pids, and a full scan finds whatever both have missed. Lives as long as it has viewers.
 */
export class DirectoryView extends EventEmitter<Events> {
  readonly #options: FileSettings;
  readonly #index: DirectoryIndex;
  readonly #watch: DirectoryWatch;
  /** The service of each viewer; undefined for all services. */
  readonly #viewers: (string | undefined)[] = [];
  readonly #notices = new NoticeBatch(() => this.#scanNow());
  #fullScansStarted = 0;
  #fullScansDone = 0;
  #fullScanAt = -Infinity;
  #pidsCheckedAt = -Infinity;
  #cleanedAt = performance.now();
  #isFullScanRequested = false;
  #isReadOnly = false;
  #isScanning = false;
  #isScanRequested = false;
  #hasEnded = false;
  #failure: DiscoveryError | undefined;
  #cancelScan = () => {};

  /** `index` is kept between views, so that known files are not read again. */
  constructor(options: FileSettings, index: DirectoryIndex) {
    super();
    this.setMaxListeners(0);
    this.#options = options;
    this.#index = index;
    this.#watch = new DirectoryWatch(options.directory, {
      onNotice: (kind, name) => this.#onNotice(kind, name),
      onGone: () => this.#scanNow(),
    });
  }

  /** @throws {DiscoveryError} REGISTRY_UNAVAILABLE once a scan has failed. */
  get contents(): Contents {
    if (this.#failure) throw this.#failure;
    return this.#index.contents;
  }

  /** Whether it failed or its last viewer left. A new view is needed then. */
  get hasEnded(): boolean {
    return this.#hasEnded;
  }

  /** Returns the number of the full scan after which {@link contents} include this service. */
  addViewer(service: string | undefined): number {
    this.#viewers.push(service);
    this.#isFullScanRequested = true;
    this.#scanNow();
    return this.#fullScansStarted + 1;
  }

  hasScanned(fullScan: number): boolean {
    return this.#fullScansDone >= fullScan;
  }

  removeViewer(service: string | undefined): void {
    this.#viewers.splice(this.#viewers.indexOf(service), 1);
    if (this.#viewers.length === 0) this.#end();
  }

  #isViewed(service: string): boolean {
    return this.#viewers.includes(service) || this.#viewers.includes(undefined);
  }

  #onNotice(kind: 'rename' | 'change', name: string): void {
    const service = serviceOf(name);
    if (service === undefined || !this.#isViewed(service)) return;
    // Usually a heartbeat, for which the next full scan is early enough.
    if (kind === 'change' && this.#index.isAlive(name)) return;
    this.#notices.add(name);
  }

  #scanNow(): void {
    this.#isScanRequested = true;
    if (!this.#isScanning) void this.#runScans();
  }

  async #runScans(): Promise<void> {
    this.#isScanning = true;
    this.#cancelScan();
    while (this.#isScanRequested && !this.#hasEnded) {
      this.#isScanRequested = false;
      try {
        await withStepTimeout(`directory ${this.#options.directory}`, this.#scan());
      } catch (error) {
        this.#failure = error as DiscoveryError;
        this.#end();
      }
    }
    this.#isScanning = false;
    if (!this.#hasEnded) this.#cancelScan = startTimer(this.#options.scanIntervalMs, () => this.#scanNow());
  }

  async #scan(): Promise<void> {
    const { directory, scanIntervalMs, staleAfterMs } = this.#options;
    const now = performance.now();
    const names = this.#notices.take();
    const stamp = (await stampOf(directory)) ?? (await this.#stampOfReplaced(directory));
    if (this.#hasEnded) return;
    if (!stamp) this.#watch.stop();
    const isFresh = !stamp || this.#watch.ensureWatching(stamp.identity);
    if (stamp && isFresh) await assertTrusted(directory);
    if (isFresh || this.#isFullScanRequested || now - this.#fullScanAt >= fullScanIntervalMs) {
      await this.#scanAll(now, {
        withUnreadable: isFresh || this.#isFullScanRequested,
        exists: stamp !== undefined,
      });
    }
    if (stamp) await this.#index.refresh(names);
    if (this.#hasEnded) return;
    // Half the interval, so that scans after notices do not delay the check to twice the interval.
    const checkPids = now - this.#pidsCheckedAt >= scanIntervalMs / 2;
    if (checkPids) this.#pidsCheckedAt = now;
    const hasChanged = this.#index.update({ checkPids, isReadOnly: this.#isReadOnly });
    const hasScannedAll = this.#fullScansDone !== this.#fullScansStarted;
    this.#fullScansDone = this.#fullScansStarted;
    if (hasChanged || hasScannedAll) this.emit('change');
    if (now - this.#cleanedAt < staleAfterMs) return;
    this.#cleanedAt = now;
    await removeExpired(this.#options, this.#index.stale());
  }

  /** A directory that is being replaced is missing for a moment, which is not an empty registry. */
  async #stampOfReplaced(directory: string): Promise<Stamp | undefined> {
    await sleep(replacedWithinMs);
    return stampOf(directory);
  }

  async #scanAll(
    now: number,
    { withUnreadable, exists }: { withUnreadable: boolean; exists: boolean },
  ): Promise<void> {
    this.#fullScansStarted += 1;
    this.#fullScanAt = now;
    this.#isFullScanRequested = false;
    // Not read: by now, another user may have created it.
    if (!exists) return this.#index.clear();
    this.#isReadOnly = await isOnReadOnlyFileSystem(this.#options.directory);
    await this.#index.refreshAll((service) => this.#isViewed(service), withUnreadable);
  }

  #end(): void {
    this.#hasEnded = true;
    this.#cancelScan();
    this.#notices.cancel();
    this.#watch.stop();
    this.emit('change');
  }
}
