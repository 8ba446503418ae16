import { assertInteger } from '../../model/assert-integer.js';
import type { LoadBalancingConfig } from '../experimental.js';

/**
 * Takes an instance out that answers with errors (gRFC A50). grpc-js' own defaults wait for five instances and eject a
 * tenth of them: in a system of three, never one.
 */
export interface OutlierDetection {
  /** How often the answers since the last time are looked at, in ms. Default 1,000: a second of errors is long enough. */
  readonly intervalMs?: number;
  /** How long an instance is out the first time, in ms; each further time it is as much longer. Default 5,000. */
  readonly ejectionMs?: number;
  /** The longest it is out, in ms. Default 30,000: it may be well again, and nothing but a call finds out. */
  readonly maxEjectionMs?: number;
  /**
   * More than so many of a hundred of an instance's calls have to fail. Default 85: grpc-js counts every status but OK
   * as failed, NOT_FOUND and CANCELLED with the rest, which a healthy instance may answer often.
   */
  readonly failurePercent?: number;
  /** Instances with fewer calls in an interval are not judged. Default 10: fewer may all fail by chance. */
  readonly minCalls?: number;
  /** So many instances must have that many calls. Default 3: of a pair, the other may be the wrong one. */
  readonly minInstances?: number;
  /**
   * No more are taken out once so many of a hundred are. Default 33. It is looked at before each ejection, so that one
   * of three goes (0 % are out) and never a second (33.3 % are).
   */
  readonly maxEjectedPercent?: number;
}

/**
 * @param child the policy that spreads calls over those that are left.
 * @throws {DiscoveryError} INVALID_OPTION.
 */
export function outlierPolicy(settings: OutlierDetection, child: LoadBalancingConfig): LoadBalancingConfig {
  const {
    intervalMs = 1_000,
    ejectionMs = 5_000,
    maxEjectionMs = 30_000,
    failurePercent = 85,
    minCalls = 10,
    minInstances = 3,
    maxEjectedPercent = 33,
  } = settings;
  assertInteger('outlierDetection.intervalMs', intervalMs, 10);
  assertInteger('outlierDetection.ejectionMs', ejectionMs, 10);
  assertInteger('outlierDetection.maxEjectionMs', maxEjectionMs, ejectionMs);
  assertInteger('outlierDetection.failurePercent', failurePercent, 1, 99);
  assertInteger('outlierDetection.minCalls', minCalls, 1);
  assertInteger('outlierDetection.minInstances', minInstances, 2);
  assertInteger('outlierDetection.maxEjectedPercent', maxEjectedPercent, 1, 99);
  return {
    outlier_detection: {
      interval: durationOf(intervalMs),
      base_ejection_time: durationOf(ejectionMs),
      max_ejection_time: durationOf(maxEjectionMs),
      max_ejection_percent: maxEjectedPercent,
      // The other kind, success_rate_ejection, compares with the mean: of three instances that says little.
      failure_percentage_ejection: {
        threshold: failurePercent,
        enforcement_percentage: 100,
        minimum_hosts: minInstances,
        request_volume: minCalls,
      },
      child_policy: [child],
    },
  };
}

/** grpc-js takes durations here as objects only: `"1s"` makes the whole policy invalid, without a word. */
function durationOf(ms: number): { seconds: number; nanos: number } {
  return { seconds: Math.floor(ms / 1_000), nanos: (ms % 1_000) * 1_000_000 };
}
