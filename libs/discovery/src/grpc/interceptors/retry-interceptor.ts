import type { Interceptor } from '@grpc/grpc-js';
import { AttemptMonitor } from '../../calling/attempt-monitor.js';
import { RetryBudget, type RetryOptions } from '../../calling/retry-budget.js';
import { assertInteger } from '../../model/invalid-option.js';
import type { CallPolicy } from './call-policy.js';
import type { ConnectivityTracker } from './connectivity-tracker.js';
import { asInterceptingCall } from './intercepting-call.js';
import type { MethodOptions } from './method-options.js';
import { RetryingCall } from './retrying-call.js';

export interface RetrySettings extends RetryOptions {
  /** Paths of the methods that may be retried, `/package.Service/Method`: see the function `idempotentMethods`. */
  readonly idempotentMethods: ReadonlySet<string>;
}

/**
 * Sends an idempotent unary call again when its instance fails, and to a second instance beside the first one when that takes
 * far longer than others (hedging, gRFC A6, after a time that is learned for each method).
 *
 * A retry policy cannot retry after the response headers, which commit a call (gRFC A6), so it loses the calls that a killed
 * server has begun to answer. This interceptor holds the response back until its status is known. It retries on
 * UNAVAILABLE, and on a CANCELLED that the caller did not request (from a server that was shut down by force), within the
 * deadline and a {@link RetryBudget}. Interceptors that add metadata belong before it; those after it run for each attempt.
 *
 * It also watches unary calls that are not idempotent, for instances that do not respond any more, and never sends them twice.
 * @param connectivity of the channel, if calls wait for it: a call that waited without success is not retried.
 * @param methods settings of single methods, by path.
 * @throws {DiscoveryError} INVALID_OPTION.
 */
export function retryInterceptor(
  { idempotentMethods, maxRetries = 4, hedging = true, budget }: RetrySettings,
  connectivity?: ConnectivityTracker,
  methods?: ReadonlyMap<string, MethodOptions>,
): Interceptor {
  assertInteger('maxRetries', maxRetries, 0, 100);
  const monitor = new AttemptMonitor();
  const policies = new Map<string, CallPolicy>();
  const retryBudget = new RetryBudget(budget);
  // Of its own: what slow instances cost must not be missing when instances fail.
  const hedgeBudget = new RetryBudget(budget);
  const createPolicy = (path: string): CallPolicy => {
    const { retry, attemptTimeoutMs = Infinity } = methods?.get(path) ?? {};
    const ofMethod = { maxRetries, hedging, ...retry };
    return {
      idempotent: idempotentMethods.has(path) && retry !== false,
      maxRetries: ofMethod.maxRetries,
      attemptTimeoutMs,
      budget: retryBudget,
      hedgeBudget: ofMethod.hedging ? hedgeBudget : undefined,
      connectivity,
      method: monitor.method(path),
    };
  };
  const policyOf = (path: string): CallPolicy => {
    let policy = policies.get(path);
    if (!policy) policies.set(path, (policy = createPolicy(path)));
    return policy;
  };
  return (options, nextCall) => {
    const { path, requestStream, responseStream } = options.method_definition;
    return asInterceptingCall(
      requestStream || responseStream
        ? nextCall(options)
        : new RetryingCall(options, nextCall, policyOf(path)),
    );
  };
}
