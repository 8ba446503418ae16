import { Server, ServerCredentials, type ServerOptions } from '@grpc/grpc-js';
import type { PackageDefinition } from '@grpc/proto-loader';
import { ReflectionService } from '@grpc/reflection';
import { ServerGrpc } from '@nestjs/microservices';
import type { GrpcContract } from '@rollcall/discovery/grpc';
import { HealthImplementation } from 'grpc-health-check';
import type { DrainResult } from '../lifecycle/graceful-shutdown.js';
import { CallTracker } from './call-tracker.js';
import { type ConnectionLimits, toServerOptions } from './connection-limits.js';

export interface GracefulGrpcServerOptions {
  readonly host: string;
  /** 0 takes any free port. */
  readonly port: number;
  readonly instanceId: string;
  /** Whether clients can list the services (`grpc.reflection`). */
  readonly reflection: boolean;
  /**
   * Names of the server-streaming methods of the contract that never end by themselves. A shutdown ends them at once; all
   * other streams have the drain timeout to complete.
   */
  readonly longLivedStreams: readonly string[];
  readonly connections?: ConnectionLimits;
}

/** Streams of health and reflection, which stay open for as long as the client likes. */
const builtInLongLivedStreams = [
  '/grpc.health.v1.Health/Watch',
  '/grpc.reflection.v1.ServerReflection/ServerReflectionInfo',
  '/grpc.reflection.v1alpha.ServerReflection/ServerReflectionInfo',
];

/** How long the statuses of streams that a forced shutdown ends have to reach the client, in ms. */
const statusFlushMs = 100;

/**
 * Nest's gRPC transport with health, reflection, the bound port, the instance id on each response, and a shutdown with a
 * deadline: Nest's own either cuts off what is in flight or waits for ever (nestjs/nest#12005).
 */
export class GracefulGrpcServer extends ServerGrpc {
  readonly #address: string;
  readonly #options: ServerOptions;
  readonly #calls: CallTracker;
  readonly #health: HealthImplementation;
  readonly #healthServices: readonly string[];
  #server: Server | undefined;
  #port = 0;
  /** Awaited first in `close()`, which Nest calls before any hook of a pure microservice. */
  beforeClose: () => Promise<unknown> = async () => {};

  constructor(contract: GrpcContract, options: GracefulGrpcServerOptions) {
    super({
      package: contract.package,
      protoPath: contract.protoPath,
      loader: { ...contract.loader, includeDirs: [...(contract.includeDirs ?? [])] },
      onLoadPackageDefinition: (definition: PackageDefinition, server: Pick<Server, 'addService'>) => {
        this.#health.addToServer(server as Server);
        if (options.reflection) new ReflectionService(definition).addToServer(server);
      },
    });
    this.#options = toServerOptions(options.connections);
    const host = options.host.includes(':') ? `[${options.host}]` : options.host;
    this.#address = `${host}:${options.port}`;
    const service = `${contract.package}.${contract.grpcService}`;
    this.#calls = new CallTracker(
      options.instanceId,
      new Set([...builtInLongLivedStreams, ...options.longLivedStreams.map((name) => `/${service}/${name}`)]),
    );
    this.#healthServices = ['', service];
    this.#health = new HealthImplementation(
      Object.fromEntries(this.#healthServices.map((name) => [name, 'NOT_SERVING' as const])),
    );
  }

  /** The bound port, once the server listens. */
  get port(): number {
    return this.#port;
  }

  setServing(serving: boolean): void {
    for (const name of this.#healthServices) {
      this.#health.setStatus(name, serving ? 'SERVING' : 'NOT_SERVING');
    }
  }

  /** Nest calls this to listen, and adds the services afterwards. */
  override async createClient(): Promise<Server> {
    const server = new Server({ ...this.#options, interceptors: [this.#calls.interceptor] });
    this.#port = await new Promise<number>((resolve, reject) => {
      server.bindAsync(this.#address, ServerCredentials.createInsecure(), (cause, port) => {
        if (!cause) return resolve(port);
        reject(
          new Error(`cannot listen on ${this.#address}: ${cause.message}; set HOST and PORT`, { cause }),
        );
      });
    });
    this.#server = server;
    return server;
  }

  /** Accepts no new calls and waits for those in flight. Cuts them off when `forceSignal` aborts. */
  shutdown(forceSignal: AbortSignal): Promise<DrainResult> {
    const server = this.#server;
    if (!server) return Promise.resolve('drained');
    this.#server = undefined;
    this.#calls.endLongLivedStreams();
    return new Promise((resolve) => {
      let result: DrainResult = 'drained';
      const force = () => {
        result = 'forced';
        // A client may retry UNAVAILABLE on another instance; the calls that `forceShutdown` ends get CANCELLED.
        this.#calls.endStreams();
        setTimeout(() => {
          resolve(result);
          server.forceShutdown();
        }, statusFlushMs);
      };
      forceSignal.addEventListener('abort', force);
      server.tryShutdown(() => {
        forceSignal.removeEventListener('abort', force);
        resolve(result);
      });
      if (forceSignal.aborted) force();
    });
  }

  /** Nest calls this when the application closes. */
  override async close(): Promise<void> {
    await this.beforeClose();
    this.#server?.forceShutdown();
    this.#server = undefined;
  }
}
