import type { Container, Probe } from 'kubernetes-types/core/v1.js';
import { createGrpcClient, type GrpcContract } from '@rollcall/discovery/grpc';
import { protoPath } from 'grpc-health-check';
import { portNumber } from '../kubernetes/manifests.js';
import { docker } from './docker.js';

interface ProbedContainer {
  readonly id: string;
  readonly container: Container;
  /** `host:port` for a port of the pod. */
  readonly address: (port: number) => Promise<string>;
}

const health: GrpcContract = {
  service: 'health',
  package: 'grpc.health.v1',
  grpcService: 'Health',
  protoPath,
  includeDirs: [],
  loader: { enums: String },
};
interface HealthClient {
  check(request: { service: string }, options: { timeoutMs: number }): Promise<{ status: string }>;
  close(): void;
}

/** Asks a container once, as the kubelet does. */
export async function passes(probe: Probe, { id, container, address }: ProbedContainer): Promise<boolean> {
  const { httpGet, grpc, exec, timeoutSeconds = 1 } = probe;
  const timeoutMs = 1_000 * timeoutSeconds;
  try {
    if (exec) {
      await docker(['exec', id, ...exec.command!]);
      return true;
    }
    if (grpc) return await isServing(await address(grpc.port), grpc.service ?? '', timeoutMs);
    const url = `http://${await address(portNumber(container, httpGet!.port)!)}${httpGet!.path}`;
    return (await fetch(url, { signal: AbortSignal.timeout(timeoutMs) })).ok;
  } catch {
    return false;
  }
}

async function isServing(address: string, service: string, timeoutMs: number): Promise<boolean> {
  const client = createGrpcClient(health, { target: `ipv4:${address}`, waitForReadyMs: 0 });
  try {
    const { status } = await (client as unknown as HealthClient).check({ service }, { timeoutMs });
    return status === 'SERVING';
  } finally {
    client.close();
  }
}
