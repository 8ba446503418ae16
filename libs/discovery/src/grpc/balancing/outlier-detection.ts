import { assertInteger } from '../../model/invalid-option.js';
import type { LoadBalancingConfig } from '../experimental.js';

/**
 * Ejects instances that respond with errors (gRFC A50). The defaults of grpc-js require five instances and eject a tenth
 * of them: in a system of three, none.
 */
export interface OutlierDetection {
  /** How often the calls since the last check are evaluated, in ms. Default 1,000. */
  readonly intervalMs?: number;
  /** Length of the first ejection, in ms; each further one is longer by that much. Default 5,000. */
  readonly baseEjectionMs?: number;
  /** Longest ejection, in ms. Default 30,000: only calls can show that the instance has recovered. */
  readonly maxEjectionMs?: number;
  /**
   * An instance is ejected if more than this percentage of its calls fail. Default 85: every status but OK counts as a
   * failure, also NOT_FOUND and CANCELLED, which a healthy instance may return often.
   */
  readonly failureThresholdPercent?: number;
  /** Minimum calls of an instance in an interval. Default 10: fewer may all fail by chance. */
  readonly requestVolume?: number;
  /** Minimum instances with that many calls. Default 3: in a pair, either could be the outlier. */
  readonly minimumHosts?: number;
  /**
   * No further instance is ejected once this percentage is. Default 33. It is checked before each ejection, so one of
   * three is ejected (0 % were), but never a second (33.3 % are).
   */
  readonly maxEjectionPercent?: number;
}

/**
 * Fills in the defaults.
 * @throws {DiscoveryError} INVALID_OPTION.
 */
export function checkOutlierDetection(settings: OutlierDetection): Required<OutlierDetection> {
  const {
    intervalMs = 1_000,
    baseEjectionMs = 5_000,
    maxEjectionMs = 30_000,
    failureThresholdPercent = 85,
    requestVolume = 10,
    minimumHosts = 3,
    maxEjectionPercent = 33,
  } = settings;
  assertInteger('outlierDetection.intervalMs', intervalMs, 10);
  assertInteger('outlierDetection.baseEjectionMs', baseEjectionMs, 10);
  assertInteger('outlierDetection.maxEjectionMs', maxEjectionMs, baseEjectionMs);
  assertInteger('outlierDetection.failureThresholdPercent', failureThresholdPercent, 1, 99);
  assertInteger('outlierDetection.requestVolume', requestVolume, 1);
  assertInteger('outlierDetection.minimumHosts', minimumHosts, 2);
  assertInteger('outlierDetection.maxEjectionPercent', maxEjectionPercent, 1, 99);
  return {
    intervalMs,
    baseEjectionMs,
    maxEjectionMs,
    failureThresholdPercent,
    requestVolume,
    minimumHosts,
    maxEjectionPercent,
  };
}

/**
 * The outlier detection of grpc-js itself, for a policy of grpc-js as `child`. Ours have their own: see `OutlierDetector`.
 * @throws {DiscoveryError} INVALID_OPTION.
 */
export function toOutlierDetectionConfig(
  settings: OutlierDetection,
  child: LoadBalancingConfig,
): LoadBalancingConfig {
  const checked = checkOutlierDetection(settings);
  return {
    outlier_detection: {
      interval: toDuration(checked.intervalMs),
      base_ejection_time: toDuration(checked.baseEjectionMs),
      max_ejection_time: toDuration(checked.maxEjectionMs),
      max_ejection_percent: checked.maxEjectionPercent,
      // Not success_rate_ejection: it compares with the mean, which says little about three instances.
      failure_percentage_ejection: {
        threshold: checked.failureThresholdPercent,
        enforcement_percentage: 100,
        minimum_hosts: checked.minimumHosts,
        request_volume: checked.requestVolume,
      },
      child_policy: [child],
    },
  };
}

/** grpc-js accepts only objects here: `"1s"` makes the policy invalid, without an error. */
function toDuration(ms: number): { seconds: number; nanos: number } {
  return { seconds: Math.floor(ms / 1_000), nanos: (ms % 1_000) * 1_000_000 };
}
