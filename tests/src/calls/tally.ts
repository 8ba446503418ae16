/** What one caller saw of its calls in some time. All times in ms. */
export interface Report {
  readonly calls: number;
  readonly failed: number;
  /** Why, and how often: `UNAVAILABLE: the details`. */
  readonly failures: Readonly<Record<string, number>>;
  /** The longest time between two answers, whoever gave them, and from the last one until now. */
  readonly gapMs: number;
  readonly slowestMs: number;
  /** Answers by the instance that gave them. */
  readonly answers: Readonly<Record<string, number>>;
  /** Answers in each second since the beginning, the last one not full. */
  readonly perSecond: readonly number[];
}

/** How many kinds of failure are told apart: their details may hold anything. */
const maxKinds = 20;

/** Counts the calls of one window of time after the other. */
export class Tally {
  #beganAt = performance.now();
  #lastAnswerAt = this.#beganAt;
  #counts = noCounts();

  answered(instance: string, tookMs: number): void {
    const now = performance.now();
    const counts = this.#counts;
    counts.calls += 1;
    counts.answers.set(instance, (counts.answers.get(instance) ?? 0) + 1);
    counts.gapMs = Math.max(counts.gapMs, now - this.#lastAnswerAt);
    counts.slowestMs = Math.max(counts.slowestMs, tookMs);
    const second = Math.floor((now - this.#beganAt) / 1_000);
    counts.perSecond[second] = (counts.perSecond[second] ?? 0) + 1;
    this.#lastAnswerAt = now;
  }

  failed(why: string, tookMs: number): void {
    const counts = this.#counts;
    counts.calls += 1;
    counts.failed += 1;
    counts.slowestMs = Math.max(counts.slowestMs, tookMs);
    const kind = counts.failures.has(why) || counts.failures.size < maxKinds ? why : 'others';
    counts.failures.set(kind, (counts.failures.get(kind) ?? 0) + 1);
  }

  get calls(): number {
    return this.#counts.calls;
  }

  has(instance: string): boolean {
    return this.#counts.answers.has(instance);
  }

  /** What was counted since the last time. A gap that is open goes on in the next window, and counts in both. */
  next(): Report {
    const now = performance.now();
    const { answers, failures, perSecond, gapMs, ...counts } = this.#counts;
    const report = {
      ...counts,
      gapMs: Math.max(gapMs, now - this.#lastAnswerAt),
      answers: Object.fromEntries(answers),
      failures: Object.fromEntries(failures),
      perSecond: Array.from(perSecond, (count) => count ?? 0),
    };
    this.#counts = noCounts();
    this.#beganAt = now;
    return report;
  }

  /** Nothing is called for a while: that is no gap. */
  resume(): void {
    this.#lastAnswerAt = performance.now();
  }
}

function noCounts() {
  return {
    calls: 0,
    failed: 0,
    gapMs: 0,
    slowestMs: 0,
    answers: new Map<string, number>(),
    failures: new Map<string, number>(),
    perSecond: [] as number[],
  };
}
