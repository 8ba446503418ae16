import { Server, ServerCredentials, type ServerInterceptor, type ServerOptions } from '@grpc/grpc-js';
import type { PackageDefinition } from '@grpc/proto-loader';
import { type GrpcOptions, ServerGrpc } from '@nestjs/microservices';
import type { GracefulShutdown, ShutdownTimes } from '@rollcall/discovery';
import {
  type ConnectionLimits,
  type Deregisterable,
  type HealthReporter,
  serveGracefully,
  serverOptions,
} from '@rollcall/discovery/grpc';
import { serviceNames, streamPaths } from './package-services.js';

type NestGrpcOptions = GrpcOptions['options'];
type GrpcServer = Pick<Server, 'addService'>;

/** gRPC health of a server: `HealthImplementation` of `grpc-health-check`. */
export interface HealthService extends HealthReporter {
  addToServer(server: Server): void;
}

/** The options of `Transport.GRPC`, all of them, and these. */
export interface GracefulGrpcServerOptions
  extends
    Omit<NestGrpcOptions, 'gracefulShutdown' | 'onLoadPackageDefinition' | 'credentials'>,
    ShutdownTimes {
  /** Default: no encryption. */
  readonly credentials?: ServerCredentials;
  /** Server interceptors of grpc-js, around each call. */
  readonly interceptors?: readonly ServerInterceptor[];
  /** How it treats its connections. */
  readonly connections?: ConnectionLimits;
  /** Added to the server. Its services are SERVING once the server listens, and NOT_SERVING as soon as the shutdown starts. */
  readonly health?: HealthService;
  /**
   * Paths, `/package.Service/Method`, of the streaming methods that never end by themselves. A shutdown ends them at once with
   * UNAVAILABLE; all other calls have `drainTimeoutMs` to complete.
   */
  readonly longLivedStreams?: readonly string[];
  /** Called once when the shutdown starts. */
  readonly onDraining?: (reason: string) => void;
  /** Called before the server listens: add reflection here. */
  readonly onLoadPackageDefinition?: (definition: PackageDefinition, server: GrpcServer) => void;
}

/**
 * Nest's gRPC transport, with a shutdown that fails no call and has a deadline: Nest's own either cuts off what is in flight or
 * waits for ever (nestjs/nest#12005). `app.close()`, and a signal after `enableShutdownHooks()`, report NOT_SERVING, deregister
 * what `ServiceDiscoveryModule.register` has registered, and let calls complete for `drainTimeoutMs`. Unlike Nest's own, it
 * listens after its services were added.
 * @example
 * const app = await NestFactory.createMicroservice(AppModule, {
 *   strategy: new GracefulGrpcServer({ package: 'greeter.v1', protoPath: 'greeter.proto', url: '0.0.0.0:0' }),
 * });
 */
export class GracefulGrpcServer extends ServerGrpc {
  /** Runs it once, whatever triggers it. Inject it where readiness is reported. */
  readonly shutdown: GracefulShutdown;
  readonly #server: Server;
  readonly #options: GracefulGrpcServerOptions;
  readonly #credentials: ServerCredentials;
  readonly #registrations = new Set<Deregisterable>();
  /** Those whose health is reported. */
  #services: readonly string[] = [''];
  #unknownStreams: readonly string[] = [];
  #port: number | undefined;

  /** @throws {DiscoveryError} INVALID_OPTION. */
  constructor(options: GracefulGrpcServerOptions) {
    const { interceptors, connections, credentials, health: _, ...rest } = options;
    super({
      ...rest,
      onLoadPackageDefinition: (definition: PackageDefinition, server: Server) => {
        this.#onDefinition(definition);
        options.onLoadPackageDefinition?.(definition, server);
      },
    });
    this.#options = options;
    this.#credentials = credentials ?? ServerCredentials.createInsecure();
    this.#server = new Server({
      ...serverOptions(connections),
      ...nestServerOptions(options),
      ...(interceptors && { interceptors: [...interceptors] }),
    });
    const deregister = async (forceSignal: AbortSignal) => {
      await Promise.all([...this.#registrations].map((registration) => registration.deregister(forceSignal)));
    };
    const onDraining = (reason: string) => {
      this.#setStatus('NOT_SERVING');
      options.onDraining?.(reason);
    };
    const serving = { ...rest, onDraining, signals: false } as const;
    this.shutdown = serveGracefully(this.#server, { deregister }, serving);
  }

  /** The bound port, once the server listens. */
  get port(): number | undefined {
    return this.#port;
  }

  /** Deregisters something before the server stops. `ServiceDiscoveryModule.register` calls it. */
  deregisterOnClose(registration: Deregisterable): void {
    this.#registrations.add(registration);
  }

  /** Nest calls this first. */
  override async createClient(): Promise<Server> {
    return this.#server;
  }

  /** Nest calls this to add the services and to listen. */
  override async start(callback?: () => void): Promise<void> {
    await this.bindEvents();
    for (const path of this.#unknownStreams) {
      throw new Error(
        `invalid longLivedStreams "${path}": use streaming methods of the server, as /package.Service/Method`,
      );
    }
    this.#port = await this.#listen();
    if (!this.shutdown.started) this.#setStatus('SERVING');
    callback?.();
  }

  /** Nest calls this when the application closes. */
  override async close(): Promise<void> {
    await this.shutdown.close('the server was closed');
  }

  #listen(): Promise<number> {
    return new Promise((resolve, reject) => {
      this.#server.bindAsync(this.url, this.#credentials, (cause, port) => {
        if (!cause) return resolve(port);
        reject(new Error(`cannot listen on ${this.url}: ${cause.message}`, { cause }));
      });
    });
  }

  #onDefinition(definition: PackageDefinition): void {
    const { package: packages, health, longLivedStreams = [] } = this.#options;
    const streams = streamPaths(definition);
    this.#unknownStreams = longLivedStreams.filter((path) => !streams.has(path));
    this.#services = ['', ...serviceNames(definition, packages)];
    if (!health) return;
    this.#setStatus('NOT_SERVING');
    health.addToServer(this.#server);
  }

  #setStatus(status: 'SERVING' | 'NOT_SERVING'): void {
    for (const service of this.#services) this.#options.health?.setStatus(service, status);
  }
}

type KeepaliveName = keyof NonNullable<NestGrpcOptions['keepalive']>;

const keepaliveOptions: Readonly<Record<KeepaliveName, string>> = {
  keepaliveTimeMs: 'grpc.keepalive_time_ms',
  keepaliveTimeoutMs: 'grpc.keepalive_timeout_ms',
  keepalivePermitWithoutCalls: 'grpc.keepalive_permit_without_calls',
  http2MaxPingsWithoutData: 'grpc.http2.max_pings_without_data',
  http2MinTimeBetweenPingsMs: 'grpc.http2.min_time_between_pings_ms',
  http2MinPingIntervalWithoutDataMs: 'grpc.http2.min_ping_interval_without_data_ms',
  http2MaxPingStrikes: 'grpc.http2.max_ping_strikes',
};

/** What Nest's own server makes of the same options; its method for those of keepalive does not exist in Nest 10. */
function nestServerOptions(options: GracefulGrpcServerOptions): ServerOptions {
  const { channelOptions, keepalive, maxSendMessageLength, maxReceiveMessageLength, maxMetadataSize } =
    options;
  return {
    ...(channelOptions as ServerOptions | undefined),
    ...(maxSendMessageLength && { 'grpc.max_send_message_length': maxSendMessageLength }),
    ...(maxReceiveMessageLength && { 'grpc.max_receive_message_length': maxReceiveMessageLength }),
    ...(maxMetadataSize && { 'grpc.max_metadata_size': maxMetadataSize }),
    ...Object.fromEntries(
      Object.entries(keepalive ?? {}).map(([name, value]) => [
        keepaliveOptions[name as KeepaliveName],
        value,
      ]),
    ),
  };
}
