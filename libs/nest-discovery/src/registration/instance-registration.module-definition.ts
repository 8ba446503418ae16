import { ConfigurableModuleBuilder, type ModuleMetadata } from '@nestjs/common';
import type { InstanceInit, Registry } from '@rollcall/discovery';
import { assertVisible, getRegistryToken } from '../module/inject-registry.js';

/** How to register this application. `version`, `zone`, `weight` and the rest are those of any instance. */
export interface InstanceRegistrationOptions extends Omit<
  InstanceInit,
  'id' | 'host' | 'port' | 'registeredAt' | 'draining'
> {
  /** Unique for each start of each process. Default: the service name and eight random hex digits. */
  readonly id?: string;
  /** The address that clients connect to. Default: `bindAddress`, or the local address of the route to the registry. */
  readonly advertiseAddress?: string;
  /** The address that the server binds to, unless it binds to all. Default for gRPC: that of the server's `url`. */
  readonly bindAddress?: string;
  /** Which server of the application to register. Default `grpc`. */
  readonly protocol?: 'grpc' | 'http';
  /**
   * The port that clients connect to, or a function that returns it once the server listens. Default: the port of the HTTP
   * server, or of the first gRPC server that listens, from its `port` property or the `url` of `Transport.GRPC`.
   */
  readonly port?: number | (() => number);
  /**
   * Whether to register when the server starts to listen, and to deregister before it closes. Default true. Without it, call
   * `InstanceRegistration.register(port)`.
   */
  readonly autoRegister?: boolean;
}

export interface InstanceRegistrationExtras {
  /** The module that `forRoot` returned, if it is not global. */
  readonly imports: NonNullable<ModuleMetadata['imports']>;
  /** The name of the registry, as in `forRoot({ name })`. Default: the registry without a name. */
  readonly registry: string | undefined;
}

/** Injection token of the registry within the module. */
export const REGISTRATION_REGISTRY = Symbol('@rollcall/nest-discovery/registration/registry');

const extras: InstanceRegistrationExtras = { imports: [], registry: undefined };

export const {
  ConfigurableModuleClass: ConfigurableInstanceRegistration,
  MODULE_OPTIONS_TOKEN: INSTANCE_REGISTRATION_OPTIONS,
} = new ConfigurableModuleBuilder<InstanceRegistrationOptions>()
  .setExtras(extras, (definition, { imports, registry }) => ({
    ...definition,
    imports: [...(definition.imports ?? []), ...imports],
    providers: [
      ...(definition.providers ?? []),
      {
        provide: REGISTRATION_REGISTRY,
        inject: [{ token: getRegistryToken(registry), optional: true }],
        useFactory: (found?: Registry) =>
          assertVisible(found, 'register({ ...options, imports: [discovery] })', registry),
      },
    ],
  }))
  .build();
