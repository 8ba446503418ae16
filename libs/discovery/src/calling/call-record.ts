import type { EventCall } from '../events/discovery-events.js';

/** What is counted of a call for its events. */
export class CallRecord {
  readonly call: EventCall;
  retries = 0;
  hedges = 0;
  /** An attempt failed that was not retried, because the retry budget was spent. */
  isBudgetSpent = false;

  constructor(call: EventCall) {
    this.call = call;
  }
}
