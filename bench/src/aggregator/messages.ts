/**
 * - `ours`: the aggregator of the shop, as it is started in production.
 * - `nest`: the hand-written page in a controller of Nest with its Fastify adapter.
 * - `hand-written`: the same page from `node:http`, `@grpc/grpc-js` and fixed addresses.
 */
export const variants = ['ours', 'nest', 'hand-written'] as const;
export type Variant = (typeof variants)[number];

export const requestsInFlight = 60;

/** `host:port` of each instance. */
export interface ServiceAddresses {
  readonly product: readonly string[];
  readonly inventory: readonly string[];
  readonly review: readonly string[];
}

/** The command line of `hand-written` and `nest`, as JSON. */
export interface ServerOptions {
  readonly port: number;
  readonly addresses: ServiceAddresses;
}

export interface LoadRequest {
  readonly url: string;
  readonly paths: readonly string[];
  /** How many to send. */
  readonly requests: number;
}

export interface LoadReport {
  readonly requestsPerSecond: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  /** Responses that were not a whole page with 200. */
  readonly incomplete: number;
}

export interface Measurement extends LoadReport {
  /** User and system time of the server process, in microseconds. */
  readonly cpuUsPerRequest: number;
}
