/** What a scenario measured, in words: the cell of the report. */
export class Findings {
  readonly #notes: string[] = [];

  note(text: string): void {
    this.#notes.push(text);
  }

  /** Notes times in ms, and those over the promised bound. A slow machine must not fail a test, so nothing is thrown. */
  measured(what: string, times: readonly number[], boundMs = Infinity): void {
    const sorted = times.toSorted((a, b) => a - b);
    const [least = NaN, most = NaN] = [sorted[0], sorted.at(-1)];
    const late = sorted.filter((time) => time > boundMs).length;
    const several = sorted.length > 1;
    this.note(
      [
        `${what} ${several ? `${formatMs(least)} to ` : ''}${formatMs(most)} ms`,
        ...(several ? [`median ${formatMs(sorted[Math.floor(sorted.length / 2)] ?? NaN)}`] : []),
        ...(late > 0 ? [`**${several ? `${late} of ${sorted.length} ` : ''}over ${boundMs}**`] : []),
      ].join(', '),
    );
  }

  get texts(): readonly string[] {
    return this.#notes;
  }
}

function formatMs(ms: number): string {
  return ms < 10 ? ms.toFixed(1) : ms.toFixed(0);
}
