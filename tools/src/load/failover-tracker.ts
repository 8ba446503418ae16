import type { ServiceName } from '../system/app-process.js';
import type { PageResponse } from './page-response.js';

/** The effect of one kill on the callers. All times in ms. */
export interface KillReport {
  readonly service: ServiceName;
  /** The id of the instance that was killed. */
  readonly instance: string;
  /** The time of the kill, since the start of the load. */
  readonly atMs: number;
  /**
   * The longest time between two responses with a part from any instance of this service: from the last one before
   * the kill until {@link windowMs} after it, or until the next kill of the same service.
   */
  readonly gapMs: number;
  /** The last response of the killed instance, since the kill: negative if before it, null if there was none. */
  readonly lastCallMs: number | null;
  /** The first response of its replacement, since the kill; null if there was none. */
  readonly replacementFirstCallMs: number | null;
}

/** How long after a kill its gap is measured, in ms. */
export const windowMs = 3_000;

interface Kill {
  readonly service: ServiceName;
  readonly instance: string;
  readonly at: number;
  replacement: string | undefined;
  windowEnd: number;
  gapMs: number;
}

/** Measures the effect of kills from the responses. Keeps only the first and last time of each instance. */
export class FailoverTracker {
  readonly #startedAt: number;
  readonly #kills: Kill[] = [];
  readonly #lastByService = new Map<ServiceName, number>();
  readonly #firstByInstance = new Map<string, number>();
  readonly #lastByInstance = new Map<string, number>();

  /** @param startedAt the start of the load, by `performance.now()`, as all times here. */
  constructor(startedAt: number) {
    this.#startedAt = startedAt;
  }

  recordResponse({ at, servedBy }: Pick<PageResponse, 'at' | 'servedBy'>): void {
    for (const [service, instance] of servedBy) {
      this.#extendGaps(service, at);
      this.#lastByService.set(service, at);
      this.#lastByInstance.set(instance, at);
      if (!this.#firstByInstance.has(instance)) this.#firstByInstance.set(instance, at);
    }
  }

  recordKill(service: ServiceName, instance: string, at: number): void {
    for (const earlier of this.#kills) {
      if (earlier.service === service) earlier.windowEnd = Math.min(earlier.windowEnd, at);
    }
    this.#kills.push({ service, instance, at, replacement: undefined, windowEnd: at + windowMs, gapMs: 0 });
  }

  recordReplacement(instance: string, replacement: string): void {
    const kill = this.#kills.find((candidate) => candidate.instance === instance);
    if (kill) kill.replacement = replacement;
  }

  /** Whether the replacements of all killed instances have served a call. */
  get recovered(): boolean {
    return this.#kills.every(
      ({ replacement }) => replacement !== undefined && this.#firstByInstance.has(replacement),
    );
  }

  /** @param now the end of gaps that are still open. */
  report(now: number): KillReport[] {
    const round = (ms: number) => Math.round(ms * 10) / 10;
    const sinceKill = (kill: Kill, at: number | undefined) => (at === undefined ? null : round(at - kill.at));
    return this.#kills.map((kill) => ({
      service: kill.service,
      instance: kill.instance,
      atMs: round(kill.at - this.#startedAt),
      gapMs: round(Math.max(kill.gapMs, this.#openGap(kill, now))),
      lastCallMs: sinceKill(kill, this.#lastByInstance.get(kill.instance)),
      replacementFirstCallMs: sinceKill(kill, this.#firstByInstance.get(kill.replacement ?? '')),
    }));
  }

  #extendGaps(service: ServiceName, at: number): void {
    for (const kill of this.#kills) {
      if (kill.service === service) kill.gapMs = Math.max(kill.gapMs, this.#openGap(kill, at));
    }
  }

  /** The time from the last response until `now`, cut at the end of the kill's window. */
  #openGap(kill: Kill, now: number): number {
    const last = this.#lastByService.get(kill.service) ?? this.#startedAt;
    return last > kill.windowEnd ? 0 : Math.min(now, kill.windowEnd) - last;
  }
}
