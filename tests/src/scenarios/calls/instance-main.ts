/**
 * A gRPC server in a process of its own: `node instance-main.js <InstanceConfig as JSON>`. It listens and registers when its
 * parent calls it; on SIGTERM it deregisters and drains.
 */
import {
  ResponderBuilder,
  Server,
  ServerCredentials,
  ServerInterceptingCall,
  type sendUnaryData,
  type ServerUnaryCall,
  type ServerWritableStream,
  status,
} from '@grpc/grpc-js';
import { deregister, openRegistry, type Registration } from '@rollcall/discovery';
import { createGrpcClient, loadContract } from '@rollcall/discovery/grpc';
import { contractOf, instanceIdKey, type Request, type Response } from './contract.js';
import { serveApi } from './ipc.js';

export interface InstanceConfig {
  readonly registryUrl: string;
  readonly service: string;
  readonly id: string;
  readonly host: string;
  readonly weight?: number;
}

/** How long calls in flight may take after SIGTERM, in ms. */
const drainTimeoutMs = 15_000;

const { registryUrl, service, id, host, weight } = JSON.parse(process.argv[2] ?? '') as InstanceConfig;
const registry = await openRegistry(registryUrl);
const paddings = new Map<number, Buffer>();
let registration: Registration | undefined;
let failing = false;
/** All calls that arrived, by method. */
const attempts = { get: 0, report: 0, add: 0, watch: 0 };
/** The numbers of the calls that have one. */
const numbers: number[] = [];
let slowFactor = 1;
/** Calls that wait for their delay. */
let delayed = 0;
let listeningAt = 0;
let registeredAt = 0;
let firstCallAt = 0;

const server = new Server({
  interceptors: [
    (_method, call) =>
      new ServerInterceptingCall(
        call,
        new ResponderBuilder()
          .withSendMetadata((metadata, next) => {
            metadata.set(instanceIdKey, id);
            next(metadata);
          })
          .build(),
      ),
  ],
});
server.addService(loadContract(contractOf(service)).Client.service, {
  Get: respondTo('get'),
  Report: respondTo('report'),
  Add: respondTo('add'),
  Watch(call: ServerWritableStream<Request, Response>): void {
    attempts.watch += 1;
    call.write({ padding: paddingOf(0) });
  },
});

function respondTo(method: 'get' | 'report' | 'add') {
  return (call: ServerUnaryCall<Request, Response>, reply: sendUnaryData<Response>): void => {
    attempts[method] += 1;
    respond(call, reply);
  };
}

function respond(call: ServerUnaryCall<Request, Response>, reply: sendUnaryData<Response>): void {
  firstCallAt ||= performance.now();
  if (failing) return reply({ code: status.UNAVAILABLE, details: 'failing' });
  const { responseBytes = 0, earlyMetadata = false, number = 0 } = call.request;
  const delayMs = (call.request.delayMs ?? 0) * slowFactor;
  if (number > 0) numbers.push(number);
  const response = { padding: paddingOf(responseBytes) };
  if (earlyMetadata) call.sendMetadata(call.metadata.clone());
  if (delayMs > 0) {
    delayed += 1;
    setTimeout(() => {
      delayed -= 1;
      reply(null, response);
    }, delayMs);
  } else if (earlyMetadata) setImmediate(() => reply(null, response));
  else reply(null, response);
}

/** Cached: filling buffers must not be part of the measured times. */
function paddingOf(bytes: number): Buffer {
  let padding = paddings.get(bytes);
  if (!padding) paddings.set(bytes, (padding = Buffer.alloc(bytes, 1)));
  return padding;
}

const api = {
  async listen(port: number): Promise<number> {
    const bound = await new Promise<number>((resolve, reject) => {
      server.bindAsync(`${host}:${port}`, ServerCredentials.createInsecure(), (error, taken) =>
        error ? reject(error) : resolve(taken),
      );
    });
    listeningAt = performance.now();
    return bound;
  },
  /** Calls itself, without counting: code that runs for the first time is slow. */
  async warmUp(port: number): Promise<void> {
    const client = createGrpcClient(contractOf(service), { target: `ipv4:${host}:${port}` });
    for (let i = 0; i < 20; i++) await Promise.all(Array.from({ length: 25 }, () => client.get({})));
    client.close();
    attempts.get = firstCallAt = 0;
  },
  async register(port: number): Promise<void> {
    registration = registry.register({ id, service, host, port, ...(weight !== undefined && { weight }) });
    await registration.registered();
    registeredAt = performance.now();
  },
  /** From now on every call fails with UNAVAILABLE. */
  failCalls(): void {
    failing = true;
  },
  /** From now on the delay of each call is multiplied by `factor`. */
  slowDown(factor: number): void {
    slowFactor = factor;
  },
  /** Blocks the event loop, right after this has resolved. */
  block(ms: number): void {
    setTimeout(() => Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms), 20);
  },
  attempts: () => attempts,
  numbers: () => numbers,
  delayed: () => delayed,
  /** How long after registering and after listening the first call arrived; null before it. */
  firstCall: () =>
    firstCallAt === 0
      ? null
      : { afterRegisteredMs: firstCallAt - registeredAt, afterListeningMs: firstCallAt - listeningAt },
};
export type InstanceApi = typeof api;

process.once('SIGTERM', () => void shutdown().then(() => process.exit(0)));
serveApi<InstanceApi>(api);

async function shutdown(): Promise<void> {
  if (registration) await deregister(registry, registration);
  await new Promise<void>((resolve) => {
    const force = setTimeout(() => {
      server.forceShutdown();
      resolve();
    }, drainTimeoutMs);
    server.tryShutdown(() => {
      clearTimeout(force);
      resolve();
    });
  });
  await registry.close();
}
