/**
 * A client in a process of its own, so that no other work delays its calls: `node caller-main.js <CallerConfig as JSON>`.
 * Always has the same number of calls in flight, unless it is resumed at a rate.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { connectivityState, type ServiceError, status } from '@grpc/grpc-js';
import { openRegistry } from '@rollcall/discovery';
import { createGrpcClient, type GrpcClientOptions, registerResolver } from '@rollcall/discovery/grpc';
import { CallStats, type CallWindow } from './call-stats.js';
import { contractOf, instanceIdKey, type Request } from './contract.js';
import { serveApi } from './ipc.js';

export interface CallerConfig {
  readonly registryUrl: string;
  readonly service: string;
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
  /** Overrides the defaults. */
  readonly client?: Pick<GrpcClientOptions, 'waitForReadyMs' | 'channel' | 'channelOptions'>;
}

const inFlight = 60;
/** The pause after a failed call, in ms: calls that fail at once would starve the event loop. */
const afterFailureMs = 5;

const {
  registryUrl,
  service,
  method = 'get',
  request = {},
  timeoutMs = 5_000,
  beside,
  client: options,
} = JSON.parse(process.argv[2] ?? '') as CallerConfig;

const registry = await openRegistry(registryUrl);
registerResolver(registry);
const client = createGrpcClient(contractOf(service), {
  target: `${registry.scheme}:///${service}`,
  ...options,
});
const stats = new CallStats();
let running = false;
let workers: Promise<void>[] = [];
/** Ends the streams. */
let streams = new AbortController();
let besides = 0;
let lastNumber = 0;

async function worker(make: () => Promise<void>): Promise<void> {
  for (;;) {
    const from = performance.now();
    try {
      await make();
    } catch (error) {
      if (streams.signal.aborted && error === streams.signal.reason) return;
      stats.failed(reasonOf(error as ServiceError), performance.now() - from);
      await sleep(afterFailureMs);
    }
    if (!running) return;
  }
}

/** Does not wait for the end of one call to make the next. */
async function pacemaker(callsPerSecond: number): Promise<void> {
  const calls: Promise<void>[] = [];
  for (;;) {
    const from = performance.now();
    const failed = (error: ServiceError) => stats.failed(reasonOf(error), performance.now() - from);
    calls.push(call().catch(failed));
    await sleep(1_000 / callsPerSecond);
    if (!running) return void (await Promise.all(calls));
  }
}

async function call(): Promise<void> {
  const from = performance.now();
  let instance = '';
  // Only where they are counted: another request in each call costs time.
  const numbered = method === 'add' ? { ...request, number: ++lastNumber } : request;
  await client[method](numbered, {
    deadline: Date.now() + timeoutMs,
    onHeaders: (headers) => (instance = String(headers.get(instanceIdKey)[0])),
  });
  stats.succeeded(instance, performance.now() - from);
}

async function callBeside(other: NonNullable<CallerConfig['beside']>): Promise<void> {
  if (other.method === 'report') await client.report(other.request, { deadline: Date.now() + timeoutMs });
  else for await (const _ of client.watch(other.request, { signal: streams.signal }));
  besides += 1;
}

function reasonOf({ code, details }: ServiceError): string {
  // Without what differs from call to call.
  const reason = details.replace(/ after [\d.]+s.*/, '').replaceAll(/[\d.]+:\d+/g, 'an address');
  return `${status[code]}: ${reason}`;
}

const api = {
  /** Connects without a call. Resolves with whether an instance is ready. */
  connect: () => client.getConnectivityState(true) === connectivityState.READY,
  /** Always 60 calls in flight, or so many calls a second. */
  resume(callsPerSecond?: number): void {
    if (running) return;
    stats.resume();
    running = true;
    streams = new AbortController();
    workers =
      callsPerSecond === undefined
        ? Array.from({ length: inFlight }, () => worker(call))
        : [pacemaker(callsPerSecond)];
    if (!beside) return;
    workers.push(...Array.from({ length: beside.inFlight }, () => worker(() => callBeside(beside))));
  },
  /** Resolves when the last call has ended. */
  async pause(): Promise<void> {
    running = false;
    streams.abort();
    await Promise.all(workers);
  },
  nextWindow: (): CallWindow => stats.nextWindow(),
  /** How many calls ended in this window. */
  calls: () => stats.calls,
  /** How many calls of the other method succeeded. */
  besides: () => besides,
  /** Those of `ids` that have not responded in this window. */
  missingResponsesOf: (ids: readonly string[]): readonly string[] =>
    ids.filter((id) => !stats.hasResponseOf(id)),
  /** One more call, never retried. Resolves with the id of the instance that responded. */
  async callOnce(single: Request, withinMs: number): Promise<string> {
    let instance = '';
    await client.add(single, {
      deadline: Date.now() + withinMs,
      onHeaders: (headers) => (instance = String(headers.get(instanceIdKey)[0])),
    });
    return instance;
  },
};
export type CallerApi = typeof api;

serveApi<CallerApi>(api);
