/**
 * A client in a process of its own, so that no other work delays its calls: `node caller-main.js <CallerConfig as JSON>`.
 * Always has the same number of calls in flight, unless it is resumed at a rate.
 */
import { openRegistry } from '@rollcall/discovery';
import type { CallWindow } from './call-stats.js';
import type { Request } from './contract.js';
import { grpcCalls, type GrpcOptions } from './grpc-calls.js';
import { httpCalls } from './http-calls.js';
import { serveApi } from './ipc.js';
import type { Protocol } from './service-calls.js';
import { Workload } from './workload.js';

export interface CallerConfig {
  readonly registryUrl: string;
  readonly service: string;
  readonly protocol: Protocol;
  /** `get` (default) is idempotent, `add` is not. */
  readonly method?: 'get' | 'add';
  readonly request?: Request;
  /** The deadline of each call. Default 5,000. */
  readonly timeoutMs?: number;
  /** Calls of another method that are always in flight, too. They are counted apart, unless they fail. */
  readonly beside?: {
    readonly method: 'report' | 'watch';
    readonly request: Request;
    readonly inFlight: number;
  };
  readonly client?: GrpcOptions;
}

const config = JSON.parse(process.argv[2] ?? '') as CallerConfig;
const { registryUrl, service, protocol, method = 'get', request = {}, timeoutMs = 5_000, beside } = config;

const registry = await openRegistry(registryUrl);
const calls =
  protocol === 'http' ? await httpCalls(registry, service) : grpcCalls(registry, service, config.client);
let lastNumber = 0;

const workload = new Workload({
  call() {
    // Only where they are counted: another request in each call costs time.
    const numbered = method === 'add' ? { ...request, number: ++lastNumber } : request;
    return calls.call(method, numbered, timeoutMs);
  },
  beside: beside && {
    inFlight: beside.inFlight,
    async call(signal) {
      if (beside.method === 'watch') await calls.watch(beside.request, signal);
      else await calls.call('report', beside.request, timeoutMs);
    },
  },
  reasonOf: (error) => calls.reasonOf(error),
});

const api = {
  /** Connects without a call. Resolves with whether an instance is ready. */
  connect: () => calls.connected(),
  /** Always 60 calls in flight, or so many calls a second. */
  resume: (callsPerSecond?: number) => workload.resume(callsPerSecond),
  /** Resolves when the last call has ended. */
  pause: () => workload.pause(),
  nextWindow: (): CallWindow => workload.stats.nextWindow(),
  /** How many calls ended in this window. */
  calls: () => workload.stats.calls,
  /** How many calls of the other method succeeded. */
  besides: () => workload.besides,
  /** Those of `ids` that have not responded in this window. */
  missingResponsesOf: (ids: readonly string[]): readonly string[] =>
    ids.filter((id) => !workload.stats.hasResponseOf(id)),
  started: () => workload.started,
  oldestInFlight: () => workload.oldestInFlight,
  /** One more call, of an idempotent method: it is retried. Resolves with its error. */
  callFailing: (single: Request): Promise<string> =>
    calls.call('get', single, timeoutMs).then(() => 'no error', String),
  /** One more call, never retried. Resolves with the id of the instance that responded. */
  callOnce: (single: Request, withinMs: number): Promise<string> => calls.call('add', single, withinMs),
};
export type CallerApi = typeof api;

serveApi<CallerApi>(api);
