import type { Report } from './tally.js';

/** What was found in one row on one registry: how many calls, which failed, and what was measured. */
export class Findings {
  /** What was measured, in words. */
  readonly notes: string[] = [];
  readonly #failures = new Map<string, number>();
  #calls = 0;
  #failed = 0;

  count({ calls, failed, failures }: Report): void {
    this.#calls += calls;
    this.#failed += failed;
    for (const [why, times] of Object.entries(failures)) {
      this.#failures.set(why, (this.#failures.get(why) ?? 0) + times);
    }
  }

  /** Forgets what was counted so far: calls that were meant to fail. */
  forget(): void {
    this.#calls = this.#failed = 0;
    this.#failures.clear();
  }

  /** Why calls failed, and how many. */
  get failures(): Readonly<Record<string, number>> {
    return Object.fromEntries(this.#failures);
  }

  note(what: string): void {
    this.notes.push(what);
  }

  /** Notes times in ms beside what is promised: a machine's speed fails no test. */
  measured(what: string, times: readonly number[], boundMs = Infinity): void {
    const sorted = times.toSorted((a, b) => a - b);
    const [least = NaN, most = NaN] = [sorted[0], sorted.at(-1)];
    const late = sorted.filter((time) => time > boundMs).length;
    const several = sorted.length > 1;
    this.note(
      [
        `${what} ${several ? `${shown(least)} to ${shown(most)} ms` : `${shown(most)} ms`}`,
        ...(several ? [`median ${shown(sorted[Math.floor(sorted.length / 2)] ?? NaN)}`] : []),
        ...(late > 0 ? [`**${several ? `${late} of ${sorted.length} ` : ''}over ${boundMs}**`] : []),
      ].join(', '),
    );
  }

  /** All of it, in words. */
  get words(): readonly string[] {
    if (this.#calls === 0) return this.notes;
    const reasons = [...this.#failures].map(([why, times]) => `${times} x ${why}`);
    const why = reasons.length > 0 ? ` (${reasons.join(', ')})` : '';
    return [`${this.#failed} of ${this.#calls.toLocaleString('en')} failed${why}`, ...this.notes];
  }
}

function shown(ms: number): string {
  return ms < 10 ? ms.toFixed(1) : ms.toFixed(0);
}
