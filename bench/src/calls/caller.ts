/** A caller as a process of its own: `node caller.js <CallerOptions as JSON>`. */
import { createHistogram } from 'node:perf_hooks';
import { type CallOptions, credentials, Metadata, type requestCallback } from '@grpc/grpc-js';
import { openRegistry } from '@rollcall/discovery';
import { channelOptions, registerResolver, createGrpcClient, loadContract } from '@rollcall/discovery/grpc';
import { contract, type Request, type Response } from './contract.js';
import type { CallerOptions, Measured, Run } from './messages.js';

const inFlight = 60;
const deadlineMs = 5_000;

type Call = (request: Request, options: { readonly deadline: number }) => Promise<Response>;

const { variant, registryUrl, addresses } = JSON.parse(process.argv[2] ?? '') as CallerOptions;
const call: Call = variant === 'bare' ? await bare() : await ours();
const latencyUs = createHistogram();

process.on('message', ({ ms }: Run) => {
  run(ms).then(
    (measured) => process.send?.(measured),
    (error: unknown) => {
      console.error(error);
      process.exit(1);
    },
  );
});
process.on('disconnect', () => process.exit());
process.send?.({});

async function ours(): Promise<Call> {
  const target = variant === 'discovered' ? await discovered() : `ipv4:${addresses.join(',')}`;
  return createGrpcClient(contract, { target }).get;
}

/** A generated client of grpc-js on the same channel options, in a promise as the library's is. */
async function bare(): Promise<Call> {
  const { Client } = loadContract(contract);
  const client = new Client(await discovered(), credentials.createInsecure(), channelOptions());
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

async function discovered(): Promise<string> {
  const registry = await openRegistry(registryUrl);
  registerResolver(registry);
  return `${registry.scheme}:///${contract.service}`;
}

async function run(ms: number): Promise<Measured> {
  latencyUs.reset();
  const cpu = process.cpuUsage();
  const from = performance.now();
  let calls = 0;
  const lane = async () => {
    for (let now = performance.now(); now < from + ms;) {
      await call({ id: `product-${calls}` }, { deadline: Date.now() + deadlineMs });
      const then = now;
      now = performance.now();
      calls += 1;
      latencyUs.record(Math.max(1, Math.round((now - then) * 1_000)));
    }
  };
  await Promise.all(Array.from({ length: inFlight }, lane));
  const { user, system } = process.cpuUsage(cpu);
  return {
    rate: (calls / (performance.now() - from)) * 1_000,
    cpuUs: (user + system) / calls,
    p50Ms: latencyUs.percentile(50) / 1_000,
    p99Ms: latencyUs.percentile(99) / 1_000,
  };
}
