/**
 * A caller as a process of its own, so that nobody else's work is in its times: `node caller-process.js <CallerConfig as JSON>`.
 * Always has the same number of calls in flight.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { type ServiceError, status } from '@grpc/grpc-js';
import { openRegistry } from '@rollcall/discovery';
import { registerResolver, createGrpcClient, type GrpcClientOptions } from '@rollcall/discovery/grpc';
import { answerWith } from './asking.js';
import { contractOf, instanceIdKey, type Request } from './contract.js';
import { type Report, Tally } from './tally.js';

export interface CallerConfig {
  readonly registryUrl: string;
  readonly service: string;
  /** `get` (default) is idempotent, `add` is not. */
  readonly method?: 'get' | 'add';
  readonly request?: Request;
  /** Beside the defaults. */
  readonly client?: Pick<GrpcClientOptions, 'waitForReadyMs' | 'channel' | 'channelOptions'>;
}

const inFlight = 60;
const deadlineMs = 5_000;
/** After a failure the next call waits so long, in ms: calls that fail at once would leave no turn to anything else. */
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
const tally = new Tally();
let running = false;
let lanes: Promise<void>[] = [];

async function lane(): Promise<void> {
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
      deadline: Date.now() + deadlineMs,
      onHeaders: (headers) => (instance = String(headers.get(instanceIdKey)[0])),
    });
    tally.answered(instance, performance.now() - from);
  } catch (error) {
    const { code, details } = error as ServiceError;
    tally.failed(
      `${status[code]}: ${details.replaceAll(/[\d.]+:\d+/g, 'an address')}`,
      performance.now() - from,
    );
    await sleep(afterFailureMs);
  }
}

const api = {
  start(): void {
    if (running) return;
    tally.resume();
    running = true;
    lanes = Array.from({ length: inFlight }, lane);
  },
  /** Resolves when the last call is over. */
  async pause(): Promise<void> {
    running = false;
    await Promise.all(lanes);
  },
  /** What was seen since it was asked last. */
  report: (): Report => tally.next(),
  /** How many calls ended since the last report. */
  calls: () => tally.calls,
  /** Which of `ids` have not answered since the last report. */
  missing: (ids: readonly string[]): readonly string[] => ids.filter((id) => !tally.has(id)),
  /** One call beside the others, which is not sent twice. Resolves with the id of the instance that answered. */
  async once(asked: Request, withinMs: number): Promise<string> {
    let instance = '';
    await client.add(asked, {
      deadline: Date.now() + withinMs,
      onHeaders: (headers) => (instance = String(headers.get(instanceIdKey)[0])),
    });
    return instance;
  },
};
export type CallerApi = typeof api;

answerWith<CallerApi>(api);
