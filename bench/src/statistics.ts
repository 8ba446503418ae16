/** @throws {RangeError} when there are no values. */
export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted[Math.floor(sorted.length / 2)];
  if (middle === undefined) throw new RangeError('median of no values');
  return sorted.length % 2 === 1 ? middle : (middle + sorted[sorted.length / 2 - 1]!) / 2;
}

/** `median (least..most)` */
export function withSpread(values: readonly number[], digits: number): string {
  const [least, most] = [Math.min(...values), Math.max(...values)];
  return `${median(values).toFixed(digits)} (${least.toFixed(digits)}..${most.toFixed(digits)})`;
}
