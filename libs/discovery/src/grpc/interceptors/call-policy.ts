import type { MethodMonitor } from '../../calling/attempt-monitor.js';
import type { RetryBudget } from '../../calling/retry-budget.js';
import type { ConnectivityTracker } from './connectivity-tracker.js';

/** How the calls of one method are retried. */
export interface CallPolicy {
  readonly idempotent: boolean;
  readonly maxRetries: number;
  /** Infinity: none. */
  readonly attemptTimeoutMs: number;
  readonly budget: RetryBudget;
  /** Undefined: no hedging. */
  readonly hedgeBudget: RetryBudget | undefined;
  readonly connectivity: ConnectivityTracker | undefined;
  readonly method: MethodMonitor;
}
