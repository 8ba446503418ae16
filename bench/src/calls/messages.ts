/**
 * - `discovered`: the library's client, which finds its servers in a registry.
 * - `hard-coded`: the same client, which is given their addresses.
 * - `bare`: finds its servers as the first one does, without any of the library's interceptors.
 */
export const variants = ['discovered', 'hard-coded', 'bare'] as const;
export type Variant = (typeof variants)[number];

/** Of a caller. */
export interface CallerOptions {
  readonly variant: Variant;
  readonly registryUrl: string;
  /** `host:port` of each server. */
  readonly addresses: readonly string[];
}

/** Asks a caller to call for so long. */
export interface Run {
  readonly ms: number;
}

export interface Measured {
  /** Calls a second. */
  readonly rate: number;
  /** User and system time of the caller, in microseconds a call. */
  readonly cpuUs: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
}
