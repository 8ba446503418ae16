import { randomBytes } from 'node:crypto';
import type { AddressInfo } from 'node:net';
import {
  Inject,
  Injectable,
  Logger,
  Module,
  type OnApplicationBootstrap,
  type OnModuleDestroy,
  Optional,
} from '@nestjs/common';
import { HttpAdapterHost, ModulesContainer } from '@nestjs/core';
import {
  advertisedAddress,
  defineInstance,
  DiscoveryError,
  type InstanceInit,
  deregister,
  Registry,
  type Registration,
} from '@rollcall/discovery';
import { assertVisible, InjectRegistry } from '../module/inject-registry.js';
import {
  ConfigurableInstanceRegistration,
  INSTANCE_REGISTRATION_OPTIONS,
  type InstanceRegistrationOptions,
} from './instance-registration.module-definition.js';
import { observeGrpcServers } from './observe-grpc-servers.js';

/** How long after startup an instance may stay unregistered before a warning is logged, in ms. */
const unregisteredWarningMs = 10_000;

/**
 * Registers this application once its server listens, and deregisters it before the server closes. An HTTP server, and
 * a gRPC server whose port is in the options, is registered automatically; otherwise call {@link register}.
 */
@Injectable()
export class InstanceRegistration implements OnApplicationBootstrap, OnModuleDestroy {
  readonly #registry: Registry;
  readonly #options: InstanceRegistrationOptions;
  readonly #id: string;
  readonly #logger = new Logger('Registration');
  #registering: Promise<Registration> | undefined;
  #deregistering: Promise<void> | undefined;
  #unregisteredWarning: NodeJS.Timeout | undefined;

  constructor(
    @Optional() @InjectRegistry() registry: Registry | undefined,
    @Inject(INSTANCE_REGISTRATION_OPTIONS) options: InstanceRegistrationOptions,
    modules: ModulesContainer,
    http: HttpAdapterHost,
  ) {
    this.#registry = assertVisible(registry, 'register({ ...options, imports: [discovery] })');
    this.#options = options;
    this.#id = options.id ?? `${options.service}-${randomBytes(4).toString('hex')}`;
    const { protocol = 'grpc', port } = options;
    if (protocol === 'http') {
      http.listen$.subscribe(() => {
        const { port: boundPort } = http.httpAdapter.getHttpServer().address() as AddressInfo;
        this.register(boundPort).catch((error: unknown) => this.#logger.error(error));
      });
    } else if (port !== undefined) {
      observeGrpcServers(modules, {
        afterListen: async () => void (await this.register(typeof port === 'function' ? port() : port)),
        beforeClose: () => this.deregister(),
      });
    }
  }

  /**
   * Registers the instance. Call it once the server listens. Resolves without waiting for the registry; idempotent.
   * @throws {DiscoveryError} NO_ADVERTISABLE_ADDRESS; INVALID_INSTANCE; CLOSED after {@link deregister}.
   */
  register(port: number): Promise<Registration> {
    clearTimeout(this.#unregisteredWarning);
    this.#registering ??= this.#register(port);
    return this.#registering;
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
    defineInstance(await this.#describeInstance(placeholderPort));
    if (this.#registering) return;
    const { service } = this.#options;
    const warn = () =>
      this.#logger.warn(
        `${service} is not registered: call InstanceRegistration.register(port) once its server listens`,
      );
    // Nest's `init()` of a microservice runs this hook twice.
    clearTimeout(this.#unregisteredWarning);
    this.#unregisteredWarning = setTimeout(warn, unregisteredWarningMs).unref();
  }

  /** Hybrid and HTTP applications run this hook before Nest closes their servers. */
  onModuleDestroy(): Promise<void> {
    return this.deregister();
  }

  async #register(port: number): Promise<Registration> {
    const instance = await this.#describeInstance(port);
    if (this.#deregistering) {
      throw new DiscoveryError('CLOSED', `${instance.service} is shutting down and cannot be registered`);
    }
    return this.#registry.register(instance);
  }

  async #describeInstance(port: number): Promise<InstanceInit> {
    const { advertiseAddress: explicit, bindAddress: bind, ...instance } = this.#options;
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
