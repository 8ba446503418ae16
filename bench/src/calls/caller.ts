/** A caller in a process of its own: `node caller.js <CallerOptions as JSON>`. */
import { createHistogram } from 'node:perf_hooks';
import { type CallOptions, credentials, Metadata, type requestCallback } from '@grpc/grpc-js';
import { openRegistry } from '@rollcall/discovery';
import { channelOptions, createGrpcClient, loadContract, registerResolver } from '@rollcall/discovery/grpc';
import { serveRequests } from '../worker-process.js';
import { contract, type Request, type Response } from './contract.js';
import { type CallerOptions, callsInFlight, type Measurement, type MeasureRequest } from './messages.js';
import { startMetrics, startTraces } from './telemetry.js';

const timeoutMs = 5_000;

type Call = (request: Request, options: { readonly deadline: number }) => Promise<Response>;

const { variant, registryUrl, addresses } = JSON.parse(process.argv[2] ?? '') as CallerOptions;
if (variant === 'metrics') startMetrics();
if (variant === 'traced') startTraces();
const call: Call = variant === 'bare' ? await bareClient() : await libraryClient();
const latencyUs = createHistogram();

serveRequests(({ durationMs }: MeasureRequest) => measure(durationMs));

async function libraryClient(): Promise<Call> {
  const target = variant === 'hard-coded' ? `ipv4:${addresses.join(',')}` : await discoveredTarget();
  return createGrpcClient(contract, { target }).get;
}

/** A grpc-js client with the same channel options, wrapped in a promise like the library's. */
async function bareClient(): Promise<Call> {
  const { Client } = loadContract(contract);
  const client = new Client(await discoveredTarget(), credentials.createInsecure(), channelOptions());
  const get = client['Get']!.bind(client) as (
    request: Request,
    metadata: Metadata,
    options: CallOptions,
    callback: requestCallback<Response>,
  ) => unknown;
  return (request, { deadline }) =>
    new Promise((resolve, reject) =>
      get(request, new Metadata(), { deadline }, (error, response) =>
        error ? reject(error) : resolve(response!),
      ),
    );
}

async function discoveredTarget(): Promise<string> {
  const registry = await openRegistry(registryUrl);
  registerResolver(registry);
  return `${registry.scheme}:///${contract.service}`;
}

async function measure(durationMs: number): Promise<Measurement> {
  latencyUs.reset();
  const cpu = process.cpuUsage();
  const startedAt = performance.now();
  let calls = 0;
  const worker = async () => {
    for (let now = performance.now(); now < startedAt + durationMs;) {
      await call({ id: `product-${calls}` }, { deadline: Date.now() + timeoutMs });
      const calledAt = now;
      now = performance.now();
      calls += 1;
      latencyUs.record(Math.max(1, Math.round((now - calledAt) * 1_000)));
    }
  };
  await Promise.all(Array.from({ length: callsInFlight }, worker));
  const { user, system } = process.cpuUsage(cpu);
  return {
    callsPerSecond: (calls / (performance.now() - startedAt)) * 1_000,
    cpuUsPerCall: (user + system) / calls,
    p50Ms: latencyUs.percentile(50) / 1_000,
    p99Ms: latencyUs.percentile(99) / 1_000,
  };
}
