import { randomBytes } from 'node:crypto';
import type { AddressInfo } from 'node:net';
import {
  Inject,
  Injectable,
  Logger,
  type OnApplicationBootstrap,
  type OnModuleDestroy,
} from '@nestjs/common';
import { HttpAdapterHost, ModulesContainer } from '@nestjs/core';
import {
  advertisedAddress,
  defaultRegistryUrl,
  defineInstance,
  DiscoveryError,
  type InstanceInit,
  deregister,
  parseRegistryUrl,
  Registry,
  type Registration,
} from '@rollcall/discovery';
import { InjectRegistry } from '../module/discovery.decorators.js';
import { MODULE_OPTIONS_TOKEN } from '../module/service-discovery.module-definition.js';
import type { ServiceDiscoveryModuleOptions } from '../module/service-discovery.options.js';
import { observeGrpcServers } from './observe-grpc-servers.js';
import { INSTANCE_REGISTRATION_OPTIONS } from './instance-registration.module-definition.js';
import type { InstanceRegistrationOptions } from './instance-registration.options.js';

/** How long after the start a server that has not said that it listens was probably forgotten, in ms. */
const overdueMs = 10_000;

/**
 * This application in the registry: there once its server listens, gone before that stops. Registered by itself for
 * HTTP, and for gRPC where the options name the port; else by {@link register}.
 */
@Injectable()
export class InstanceRegistration implements OnApplicationBootstrap, OnModuleDestroy {
  readonly #registry: Registry;
  readonly #options: InstanceRegistrationOptions;
  readonly #id: string;
  readonly #registryUrl: string;
  readonly #logger = new Logger('Registration');
  #registering: Promise<Registration> | undefined;
  #left: Promise<void> | undefined;
  #overdue: NodeJS.Timeout | undefined;

  constructor(
    @InjectRegistry() registry: Registry,
    @Inject(INSTANCE_REGISTRATION_OPTIONS) options: InstanceRegistrationOptions,
    @Inject(MODULE_OPTIONS_TOKEN) { url = defaultRegistryUrl }: ServiceDiscoveryModuleOptions,
    modules: ModulesContainer,
    http: HttpAdapterHost,
  ) {
    this.#registry = registry;
    this.#options = options;
    this.#id = options.id ?? `${options.service}-${randomBytes(4).toString('hex')}`;
    this.#registryUrl = url;
    const { protocol = 'grpc', port } = options;
    if (protocol === 'http') {
      http.listen$.subscribe(() => {
        const { port: bound } = http.httpAdapter.getHttpServer().address() as AddressInfo;
        this.register(bound).catch((error: unknown) => this.#logger.error(error));
      });
    } else if (port !== undefined) {
      observeGrpcServers(modules, {
        listening: async () => void (await this.register(typeof port === 'function' ? port() : port)),
        closing: () => this.deregister(),
      });
    }
  }

  /**
   * The server listens: registers it, once, and returns what keeps it registered. Resolves without waiting for the
   * registry.
   * @throws {DiscoveryError} NO_ADVERTISABLE_ADDRESS; INVALID_INSTANCE; CLOSED once it was told to leave.
   */
  register(port: number): Promise<Registration> {
    clearTimeout(this.#overdue);
    this.#registering ??= this.#register(port);
    return this.#registering;
  }

  /**
   * Takes the application out of the registry and waits until its callers know: the first thing on the way out, as its
   * server has to go on until then. About 3 s at most; `forceSignal` ends the waiting. Idempotent, and done by itself when Nest
   * closes the application.
   */
  deregister(forceSignal?: AbortSignal): Promise<void> {
    this.#left ??= this.#leave(forceSignal);
    return this.#left;
  }

  /** @throws {DiscoveryError} NO_ADVERTISABLE_ADDRESS or INVALID_INSTANCE: what cannot be meant fails the start. */
  async onApplicationBootstrap(): Promise<void> {
    const portToCome = 1;
    defineInstance(await this.#describe(portToCome));
    if (this.#registering) return;
    const { service } = this.#options;
    const warn = () =>
      this.#logger.warn(
        `${service} has not been registered: call InstanceRegistration.register(port) once its server listens`,
      );
    // `init()` of a microservice runs its hooks twice.
    clearTimeout(this.#overdue);
    this.#overdue = setTimeout(warn, overdueMs).unref();
  }

  /** Before Nest closes a server of an application that has hooks first. */
  onModuleDestroy(): Promise<void> {
    return this.deregister();
  }

  async #register(port: number): Promise<Registration> {
    const instance = await this.#describe(port);
    if (this.#left) {
      throw new DiscoveryError('CLOSED', `${instance.service} is on its way out and registers no more`);
    }
    return this.#registry.register(instance);
  }

  async #describe(port: number): Promise<InstanceInit> {
    const { advertise, bind, ...instance } = this.#options;
    const [registry] = parseRegistryUrl(this.#registryUrl).hosts;
    const host = await advertisedAddress({ explicit: advertise, bind, registry });
    return { protocol: 'grpc', ...instance, id: this.#id, host, port };
  }

  async #leave(forceSignal?: AbortSignal): Promise<void> {
    clearTimeout(this.#overdue);
    // One that could not be made has nothing to take back.
    const registration = await this.#registering?.catch(() => undefined);
    if (registration) await deregister(this.#registry, registration, forceSignal);
  }
}
