/** When an attempt is overdue while too little is known, in ms. */
const unknownOverdueMs = 500;
/** Answers before that. */
const minAnswers = 10;
/** The shortest time until an attempt is overdue, in ms: a pause of the garbage collector is no sign of a frozen instance. */
const minOverdueMs = 50;
/** An attempt is overdue when it takes this many times as long as the slowest answer. */
const factor = 2;
/** How many answers are remembered, at least. */
const windowSize = 100;

/** Learns how long the answers of one method take. */
export class ResponseTimes {
  #slowest = 0;
  #slowestBefore = 0;
  #answers = 0;
  #known = false;

  /** `ms` is the time of an answer that was not overtaken by that to another attempt. */
  add(ms: number): void {
    if (ms > this.#slowest) this.#slowest = ms;
    this.#answers += 1;
    if (this.#answers >= minAnswers) this.#known = true;
    if (this.#answers < windowSize) return;
    this.#slowestBefore = this.#slowest;
    this.#slowest = this.#answers = 0;
  }

  /** How long after it was sent an attempt is overdue, in ms. */
  get overdueMs(): number {
    if (!this.#known) return unknownOverdueMs;
    return Math.max(minOverdueMs, factor * Math.max(this.#slowest, this.#slowestBefore));
  }
}
