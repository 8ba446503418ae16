/** When an attempt is overdue while too little is known, in ms. */
const unknownOverdueMs = 500;
/** The shortest time until an attempt is overdue, in ms: a pause of the garbage collector is no sign of a frozen instance. */
const minOverdueMs = 50;
/** An attempt is overdue when it takes this many times as long as slow answers. */
const factor = 3;
/** The slowest of so many answers counts: about the 90th percentile. */
const blockSize = 10;
/** The weight of the latest block. */
const smoothing = 0.25;

/** Learns how long slow answers of one method take. */
export class ResponseTimes {
  #slowestOfBlock = 0;
  #answers = 0;
  /** Undefined until the first block is complete. */
  #slowMs: number | undefined;

  /** `ms` is the time of an answer that was not overtaken by that to another attempt. */
  add(ms: number): void {
    if (ms > this.#slowestOfBlock) this.#slowestOfBlock = ms;
    this.#answers += 1;
    if (this.#answers < blockSize) return;
    const known = this.#slowMs ?? this.#slowestOfBlock;
    this.#slowMs = known + smoothing * (this.#slowestOfBlock - known);
    this.#slowestOfBlock = this.#answers = 0;
  }

  /** How long after it was sent an attempt is overdue, in ms. */
  get overdueMs(): number {
    return this.#slowMs === undefined ? unknownOverdueMs : Math.max(minOverdueMs, factor * this.#slowMs);
  }
}
