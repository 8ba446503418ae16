/**
 * A client in a process of its own, so that no other work delays its calls: `node caller-main.js <CallerConfig as JSON>`.
 * Always has the same number of calls in flight.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { type ServiceError, status } from '@grpc/grpc-js';
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
  /** Overrides the defaults. */
  readonly client?: Pick<GrpcClientOptions, 'waitForReadyMs' | 'channel' | 'channelOptions'>;
}

const inFlight = 60;
const timeoutMs = 5_000;
/** The pause after a failed call, in ms: calls that fail at once would starve the event loop. */
const afterFailureMs = 5;

const {
  registryUrl,
  service,
  method = 'get',
  request = {},
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

async function worker(): Promise<void> {
  for (;;) {
    await call();
    if (!running) return;
  }
}

async function call(): Promise<void> {
  const from = performance.now();
  let instance = '';
  try {
    await client[method](request, {
      deadline: Date.now() + timeoutMs,
      onHeaders: (headers) => (instance = String(headers.get(instanceIdKey)[0])),
    });
    stats.succeeded(instance, performance.now() - from);
  } catch (error) {
    const { code, details } = error as ServiceError;
    const reason = `${status[code]}: ${details.replaceAll(/[\d.]+:\d+/g, 'an address')}`;
    stats.failed(reason, performance.now() - from);
    await sleep(afterFailureMs);
  }
}

const api = {
  resume(): void {
    if (running) return;
    stats.resume();
    running = true;
    workers = Array.from({ length: inFlight }, worker);
  },
  /** Resolves when the last call has ended. */
  async pause(): Promise<void> {
    running = false;
    await Promise.all(workers);
  },
  nextWindow: (): CallWindow => stats.nextWindow(),
  /** How many calls ended in this window. */
  calls: () => stats.calls,
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
