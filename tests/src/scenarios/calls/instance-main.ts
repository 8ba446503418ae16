/**
 * A server in a process of its own: `node instance-main.js <InstanceConfig as JSON>`. It listens and registers when its
 * parent calls it; on SIGTERM it deregisters and drains.
 */
import { openRegistry, type Registration } from '@rollcall/discovery';
import { createGrpcClient } from '@rollcall/discovery/grpc';
import { contractOf } from './contract.js';
import { grpcServer } from './grpc-server.js';
import { httpServer } from './http-server.js';
import { InstanceWork } from './instance-work.js';
import { serveApi } from './ipc.js';
import type { Protocol } from './service-calls.js';

export interface InstanceConfig {
  readonly registryUrl: string;
  readonly service: string;
  readonly id: string;
  readonly host: string;
  /** Default gRPC. */
  readonly protocol?: Protocol;
  readonly weight?: number;
}

/** How long calls in flight may take after SIGTERM, in ms. */
const drainTimeoutMs = 15_000;

const config = JSON.parse(process.argv[2] ?? '') as InstanceConfig;
const { registryUrl, service, id, host, protocol, weight } = config;
const registry = await openRegistry(registryUrl);
const work = new InstanceWork();
const server = protocol === 'http' ? httpServer(id, work) : grpcServer(service, id, work);
let registration: Registration | undefined;
let listeningAt = 0;
let registeredAt = 0;

const api = {
  async listen(port: number): Promise<number> {
    const bound = await server.listen(host, port);
    listeningAt = performance.now();
    const deregister = async (forceSignal?: AbortSignal) => registration?.deregister(forceSignal);
    server.serveGracefully({ deregister }, { drainTimeoutMs, beforeExit: () => registry.close() });
    return bound;
  },
  /** Calls itself, without counting: code that runs for the first time is slow. */
  async warmUp(port: number): Promise<void> {
    const client = createGrpcClient(contractOf(service), { target: `ipv4:${host}:${port}` });
    for (let i = 0; i < 20; i++) await Promise.all(Array.from({ length: 25 }, () => client.get({})));
    client.close();
    work.reset();
  },
  async register(port: number): Promise<void> {
    registration = registry.register({ id, service, host, port, ...(weight !== undefined && { weight }) });
    await registration.registered();
    registeredAt = performance.now();
  },
  /** From now on every call fails with UNAVAILABLE. */
  failCalls(): void {
    work.failing = true;
  },
  /** From now on the delay of each call is multiplied by `factor`. */
  slowDown(factor: number): void {
    work.slowFactor = factor;
  },
  /** Blocks the event loop, right after this has resolved. */
  block(ms: number): void {
    setTimeout(() => Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms), 20);
  },
  attempts: () => work.attempts,
  numbers: () => work.numbers,
  delayed: () => work.delayed,
  /** How long after registering and after listening the first call arrived; null before it. */
  firstCall: () =>
    work.firstCallAt === 0
      ? null
      : {
          afterRegisteredMs: work.firstCallAt - registeredAt,
          afterListeningMs: work.firstCallAt - listeningAt,
        },
};
export type InstanceApi = typeof api;

serveApi<InstanceApi>(api);
