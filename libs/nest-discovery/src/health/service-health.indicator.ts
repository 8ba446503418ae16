import { type Client, connectivityState } from '@grpc/grpc-js';
import { Injectable, type OnApplicationShutdown } from '@nestjs/common';
import { ModuleRef } from '@nestjs/core';
import type { ErrorCode, MembershipSource, Registry, Watch } from '@rollcall/discovery';
import type { GrpcClient } from '@rollcall/discovery/grpc';
import { registeredName } from '../clients/grpc-client-definition.js';
import { getGrpcClientToken, type NamedStub } from '../clients/inject-grpc-client.js';
import { getRegistryToken } from '../module/inject-registry.js';
import type { HealthResult } from './health-result.js';

/** The connections of a service to call. */
export interface ServiceHealth {
  /** Whether an instance is connected. */
  readonly connected: boolean;
  /** How many instances are known; some may have died. */
  readonly registered: number;
  /** Where they are known from: `live` from the registry, `last-known-good` or a `snapshot` while it is unavailable. */
  readonly source: MembershipSource;
  /** How long ago the source last changed, in ms; for a snapshot, when it was taken. */
  readonly ageMs: number;
  /** Why the registry is unavailable: the code of the error. Its message, with addresses, is logged. */
  readonly reason?: ErrorCode;
}

export type ServiceHealthResult<Key extends string = string> = HealthResult<Key, ServiceHealth>;

/** A channel of grpc-js: `client.getClientByServiceName(name).getChannel()` of Nest's `ClientGrpc`. */
type Connection = Pick<GrpcClient<Client>, 'getConnectivityState'>;

export interface ServiceHealthOptions {
  /** Its name in the registry. Default: that of the contract. */
  readonly service?: string;
  /** The name of the client in `forClients`, if it has one. */
  readonly name?: string;
  /** The name of the registry, as in `forRoot({ name })`. Default: the registry without a name. */
  readonly registry?: string;
  /** The connection of a client that `forClients` does not provide. */
  readonly channel?: Connection;
}

/**
 * Whether an instance of a service is connected. For readiness: an instance that is registered may be dead, only a connection
 * proves that it runs. Connects a client that has made no call yet. Provide it in the module whose controller injects it.
 * @example
 * health.check([() => services.isHealthy('inventory', inventoryContract)]);
 */
@Injectable()
export class ServiceHealthIndicator implements OnApplicationShutdown {
  readonly #watches = new Map<string, Watch>();

  constructor(private readonly modules: ModuleRef) {}

  /** Down while no instance is connected. */
  isHealthy<Key extends string>(
    key: Key,
    contract: NamedStub,
    { service, name, registry, channel }: ServiceHealthOptions = {},
  ): ServiceHealthResult<Key> {
    const connection = channel ?? this.#get<Connection>(getGrpcClientToken(contract, name));
    const connected = connection.getConnectivityState(true) === connectivityState.READY;
    const { instances, source, since, lastError } = this.#watch(
      registeredName(contract, service),
      registry,
    ).current;
    const health = {
      status: connected ? 'up' : 'down',
      connected,
      registered: instances.length,
      source,
      ageMs: Date.now() - since.getTime(),
      ...(lastError && { reason: lastError.code }),
    };
    return { [key]: health } as ServiceHealthResult<Key>;
  }

  onApplicationShutdown(): void {
    for (const watch of this.#watches.values()) watch.close();
  }

  /** Kept, so that the number of instances is known from the second check on. */
  #watch(service: string, registry?: string): Watch {
    const token = getRegistryToken(registry);
    const key = `${String(token)}/${service}`;
    const watch = this.#watches.get(key) ?? this.#get<Registry>(token).watch(service);
    this.#watches.set(key, watch);
    return watch;
  }

  #get<T>(token: string | symbol): T {
    return this.modules.get<T>(token, { strict: false });
  }
}
