let offsetMs = 0;
const SystemDate = Date;

/** Date whose present is off by an offset. `performance.now()` goes on as before, as when an operator sets the clock. */
class AdjustableDate extends SystemDate {
  constructor(...args: [] | [string | number | Date]) {
    super(args.length === 0 ? AdjustableDate.now() : args[0]);
  }

  static override now(): number {
    return SystemDate.now() + offsetMs;
  }
}

/** Import it first: from then on `Date` follows {@link setClockOffset} in this process. */
globalThis.Date = AdjustableDate as DateConstructor;

export function setClockOffset(ms: number): void {
  offsetMs = ms;
}
