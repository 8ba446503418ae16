import { randomBytes } from 'node:crypto';
import type { AddressInfo, Server } from 'node:net';
import {
  Inject,
  Injectable,
  Logger,
  Module,
  type OnApplicationBootstrap,
  type OnModuleDestroy,
} from '@nestjs/common';
import { HttpAdapterHost, ModulesContainer } from '@nestjs/core';
import {
  addressOf,
  advertisedAddress,
  defineInstance,
  DiscoveryError,
  type InstanceInit,
  deregister,
  Registry,
  type Registration,
} from '@rollcall/discovery';
import {
  ConfigurableInstanceRegistration,
  INSTANCE_REGISTRATION_OPTIONS,
  type InstanceRegistrationOptions,
  REGISTRATION_REGISTRY,
} from './instance-registration.module-definition.js';
import { type ListeningServer, listeningServerOf } from './listening-server.js';
import { type GracefulTransport, observeGrpcServers } from './observe-grpc-servers.js';
import type { TransportServer } from './transport-servers.js';

/** How long after startup an instance may stay unregistered before a warning is logged, in ms. */
const unregisteredWarningMs = 10_000;

/**
 * Registers this application once its server listens, and deregisters it before the server closes. With
 * `autoRegister: false`, call {@link register}.
 */
@Injectable()
export class InstanceRegistration implements OnApplicationBootstrap, OnModuleDestroy {
  readonly #registry: Registry;
  readonly #http: HttpAdapterHost;
  readonly #options: InstanceRegistrationOptions;
  readonly #id: string;
  readonly #logger = new Logger('Registration');
  readonly #gracefulServers: readonly GracefulTransport[] = [];
  #registering: Promise<Registration> | undefined;
  #deregistering: Promise<void> | undefined;
  #unregisteredWarning: NodeJS.Timeout | undefined;

  constructor(
    @Inject(REGISTRATION_REGISTRY) registry: Registry,
    @Inject(INSTANCE_REGISTRATION_OPTIONS) options: InstanceRegistrationOptions,
    modules: ModulesContainer,
    http: HttpAdapterHost,
  ) {
    this.#registry = registry;
    this.#http = http;
    this.#options = options;
    this.#id = options.id ?? `${options.service}-${randomBytes(4).toString('hex')}`;
    const { protocol = 'grpc', autoRegister = true } = options;
    if (protocol !== 'grpc' || !autoRegister) return;
    this.#gracefulServers = observeGrpcServers(modules, {
      afterListen: (server) => this.#registerServer(server),
      deregister: (forceSignal) => this.deregister(forceSignal),
    });
  }

  /**
   * Registers the instance. Call it once the server listens. Resolves without waiting for the registry; idempotent.
   * @throws {DiscoveryError} NO_ADVERTISABLE_ADDRESS; INVALID_INSTANCE; CLOSED after {@link deregister}.
   */
  register(port: number): Promise<Registration> {
    return this.#registerAt({ port });
  }

  /**
   * Deregisters the instance and waits until clients know, about 3 s at most; `forceSignal` ends the wait. The server
   * must keep serving until then, so call it first in a shutdown. Idempotent; called when Nest closes the application.
   */
  deregister(forceSignal?: AbortSignal): Promise<void> {
    this.#deregistering ??= this.#deregister(forceSignal);
    return this.#deregistering;
  }

  /** @throws {DiscoveryError} NO_ADVERTISABLE_ADDRESS or INVALID_INSTANCE: invalid options fail the start. */
  async onApplicationBootstrap(): Promise<void> {
    const placeholderPort = 1;
    defineInstance(await this.#describeInstance({ port: placeholderPort }));
    if (this.#registering) return;
    this.#registerHttpServer();
    const warn = () => this.#logger.warn(this.#whyUnregistered());
    // Nest's `init()` of a microservice runs this hook twice.
    clearTimeout(this.#unregisteredWarning);
    this.#unregisteredWarning = setTimeout(warn, unregisteredWarningMs).unref();
  }

  /** Hybrid and HTTP applications run this hook before Nest closes their servers. */
  async onModuleDestroy(): Promise<void> {
    // They report NOT_SERVING, and deregister.
    const reason = 'the application was closed';
    await Promise.all(this.#gracefulServers.map(({ shutdown }) => shutdown.deregister(reason)));
    await this.deregister();
  }

  #registerAt(server: ListeningServer): Promise<Registration> {
    clearTimeout(this.#unregisteredWarning);
    this.#registering ??= this.#register(server);
    return this.#registering;
  }

  /** An HTTP server emits `listening` in every version of Nest. */
  #registerHttpServer(): void {
    const { protocol, autoRegister = true } = this.#options;
    if (protocol !== 'http' || !autoRegister) return;
    const server = this.#http.httpAdapter?.getHttpServer() as Server | undefined;
    server?.once('listening', () => {
      const { port, address: host } = server.address() as AddressInfo;
      this.#registerAt({ port: this.#configuredPort() ?? port, host }).catch((error: unknown) =>
        this.#logger.error(error),
      );
    });
  }

  async #registerServer(server: TransportServer): Promise<void> {
    const port = this.#configuredPort();
    await this.#registerAt(port === undefined ? listeningServerOf(server) : { port });
  }

  #configuredPort(): number | undefined {
    const { port } = this.#options;
    return typeof port === 'function' ? port() : port;
  }

  #whyUnregistered(): string {
    const { service, protocol = 'grpc', autoRegister = true } = this.#options;
    const advice = autoRegister
      ? `its ${protocol} server does not listen; for an application without one, set protocol: '${protocol === 'grpc' ? 'http' : 'grpc'}'`
      : 'call InstanceRegistration.register(port) once its server listens';
    return `${service} is not registered: ${advice}`;
  }

  async #register(server: ListeningServer): Promise<Registration> {
    const instance = await this.#describeInstance(server);
    if (this.#deregistering) {
      throw new DiscoveryError('CLOSED', `${instance.service} is shutting down and cannot be registered`);
    }
    const registration = this.#registry.register(instance);
    this.#logRegistered(registration);
    return registration;
  }

  #logRegistered(registration: Registration): void {
    const { id } = registration.instance;
    registration.on('change', ({ status }) => {
      if (status !== 'registered') return;
      this.#logger.log(
        `${id} is registered at ${addressOf(registration.instance)} in ${this.#registry.location}`,
      );
    });
  }

  async #describeInstance({ port, host: boundHost }: ListeningServer): Promise<InstanceInit> {
    const {
      advertiseAddress: explicit,
      bindAddress: bind = boundHost,
      autoRegister: _,
      ...instance
    } = this.#options;
    const host = await advertisedAddress({ explicit, bind, registryHost: this.#registry.host });
    return { protocol: 'grpc', ...instance, id: this.#id, host, port };
  }

  async #deregister(forceSignal?: AbortSignal): Promise<void> {
    clearTimeout(this.#unregisteredWarning);
    // A failed registration left nothing to deregister.
    const registration = await this.#registering?.catch(() => undefined);
    if (registration) await deregister(this.#registry, registration, forceSignal);
  }
}

@Module({ providers: [InstanceRegistration], exports: [InstanceRegistration] })
export class InstanceRegistrationModule extends ConfigurableInstanceRegistration {}
