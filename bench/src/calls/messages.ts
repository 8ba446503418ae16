/**
 * - `discovered`: the library's client; its servers come from a registry.
 * - `hard-coded`: the same client with fixed addresses.
 * - `bare`: servers from a registry, without the library's interceptors.
 * - `metrics`, `traced`: as `discovered`, with OpenTelemetry metrics, or with a span for each call and attempt.
 */
export const variants = ['discovered', 'hard-coded', 'bare', 'metrics', 'traced'] as const;
export type Variant = (typeof variants)[number];

export const callsInFlight = 60;

export interface CallerOptions {
  readonly variant: Variant;
  readonly registryUrl: string;
  /** `host:port` of each server. */
  readonly addresses: readonly string[];
}

export interface MeasureRequest {
  readonly durationMs: number;
}

export interface Measurement {
  readonly callsPerSecond: number;
  /** User and system time of the caller, in microseconds. */
  readonly cpuUsPerCall: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
}
