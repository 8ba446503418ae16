import { Server, ServerCredentials } from '@grpc/grpc-js';
import type { PackageDefinition } from '@grpc/proto-loader';
import { ReflectionService } from '@grpc/reflection';
import { ServerGrpc } from '@nestjs/microservices';
import type { GrpcContract } from '@rollcall/discovery/grpc';
import { HealthImplementation } from 'grpc-health-check';
import { CallTracker } from './call-tracker.js';
import type { DrainResult } from '../lifecycle/graceful-shutdown.js';

/**
 * Nest's gRPC transport with what a service that can be found needs beside it: the port it was bound to, health and
 * reflection, the instance's signature on each response, and a shutdown with an end. Nest's own either cuts off what is
 * in flight or waits for ever (nestjs/nest#12005).
 */
export class GracefulGrpcServer extends ServerGrpc {
  readonly #address: string;
  readonly #calls: CallTracker;
  readonly #health: HealthImplementation;
  readonly #names: readonly string[];
  #server: Server | undefined;
  #port = 0;
  /** What comes first when Nest closes the server: for a pure microservice that is before any hook. */
  beforeClose: () => Promise<unknown> = async () => {};

  constructor(contract: GrpcContract, options: { host: string; port: number; instanceId: string }) {
    super({
      package: contract.package,
      protoPath: contract.protoPath,
      loader: { ...contract.loader, includeDirs: [...(contract.includeDirs ?? [])] },
      onLoadPackageDefinition: (definition: PackageDefinition, server: Pick<Server, 'addService'>) => {
        this.#health.addToServer(server as Server);
        new ReflectionService(definition).addToServer(server);
      },
    });
    const host = options.host.includes(':') ? `[${options.host}]` : options.host;
    this.#address = `${host}:${options.port}`;
    this.#calls = new CallTracker(options.instanceId);
    this.#names = ['', `${contract.package}.${contract.grpcService}`];
    this.#health = new HealthImplementation(
      Object.fromEntries(this.#names.map((name) => [name, 'NOT_SERVING' as const])),
    );
  }

  /** The port it listens on: the kernel's choice where 0 was asked for. */
  get port(): number {
    return this.#port;
  }

  setServing(serving: boolean): void {
    for (const name of this.#names) this.#health.setStatus(name, serving ? 'SERVING' : 'NOT_SERVING');
  }

  /** Called by Nest when the application starts to listen. The services are added after this. */
  override async createClient(): Promise<Server> {
    const server = new Server({ interceptors: [this.#calls.interceptor] });
    this.#port = await new Promise<number>((resolve, reject) => {
      server.bindAsync(this.#address, ServerCredentials.createInsecure(), (error, port) => {
        if (error)
          reject(
            new Error(`cannot listen on ${this.#address}: ${error.message}; set HOST and PORT`, {
              cause: error,
            }),
          );
        else resolve(port);
      });
    });
    this.#server = server;
    return server;
  }

  /**
   * Takes no new calls and lets those in flight end; what has not ended after `timeoutMs`, or when `forceSignal` aborts, is
   * cut off. Says how it went.
   */
  shutdown(timeoutMs: number, forceSignal: AbortSignal): Promise<DrainResult> {
    const server = this.#server;
    if (!server) return Promise.resolve('drained');
    this.#server = undefined;
    this.#calls.endStreams();
    return new Promise((resolve) => {
      const force = () => {
        finish('forced');
        server.forceShutdown();
      };
      const timer = setTimeout(force, timeoutMs);
      const finish = (how: DrainResult) => {
        clearTimeout(timer);
        forceSignal.removeEventListener('abort', force);
        resolve(how);
      };
      forceSignal.addEventListener('abort', force);
      server.tryShutdown(() => finish('drained'));
      if (forceSignal.aborted) force();
    });
  }

  /** Called by Nest when the application closes. What is still there after the drain has had its time. */
  override async close(): Promise<void> {
    await this.beforeClose();
    this.#server?.forceShutdown();
    this.#server = undefined;
  }
}
