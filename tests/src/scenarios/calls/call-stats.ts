/** What a caller counted in one window of time. All times in ms. */
export interface CallWindow {
  readonly durationMs: number;
  readonly calls: number;
  readonly failed: number;
  /** How often calls failed, by `STATUS: details`. */
  readonly failures: Readonly<Record<string, number>>;
  /** The longest time between two responses of any instances, including from the last one until now. */
  readonly gapMs: number;
  readonly slowestMs: number;
  /** Responses by instance. */
  readonly responses: Readonly<Record<string, number>>;
  /** Responses in each second of the window; the last one is not full. */
  readonly perSecond: readonly number[];
}

/** How many kinds of failure are kept apart: details may contain anything. */
const maxKinds = 20;

/** Counts calls, in one window of time after the other. */
export class CallStats {
  #windowStart = performance.now();
  #lastResponseAt = this.#windowStart;
  #counts = noCounts();

  succeeded(instance: string, tookMs: number): void {
    const now = performance.now();
    const counts = this.#counts;
    counts.calls += 1;
    counts.responses.set(instance, (counts.responses.get(instance) ?? 0) + 1);
    counts.gapMs = Math.max(counts.gapMs, now - this.#lastResponseAt);
    counts.slowestMs = Math.max(counts.slowestMs, tookMs);
    const second = Math.floor((now - this.#windowStart) / 1_000);
    counts.perSecond[second] = (counts.perSecond[second] ?? 0) + 1;
    this.#lastResponseAt = now;
  }

  failed(reason: string, tookMs: number): void {
    const counts = this.#counts;
    counts.calls += 1;
    counts.failed += 1;
    counts.slowestMs = Math.max(counts.slowestMs, tookMs);
    const kind = counts.failures.has(reason) || counts.failures.size < maxKinds ? reason : 'other';
    counts.failures.set(kind, (counts.failures.get(kind) ?? 0) + 1);
  }

  get calls(): number {
    return this.#counts.calls;
  }

  hasResponseOf(instance: string): boolean {
    return this.#counts.responses.has(instance);
  }

  /** Ends the window and begins the next one. A gap that is still open counts in both. */
  nextWindow(): CallWindow {
    const now = performance.now();
    const { responses, failures, perSecond, gapMs, ...counts } = this.#counts;
    const durationMs = now - this.#windowStart;
    this.#counts = noCounts();
    this.#windowStart = now;
    return {
      durationMs,
      ...counts,
      gapMs: Math.max(gapMs, now - this.#lastResponseAt),
      responses: Object.fromEntries(responses),
      failures: Object.fromEntries(failures),
      perSecond: Array.from(perSecond, (count) => count ?? 0),
    };
  }

  /** Calls begin after a pause, which is no gap. */
  resume(): void {
    this.#lastResponseAt = performance.now();
  }
}

function noCounts() {
  return {
    calls: 0,
    failed: 0,
    gapMs: 0,
    slowestMs: 0,
    responses: new Map<string, number>(),
    failures: new Map<string, number>(),
    perSecond: [] as number[],
  };
}
