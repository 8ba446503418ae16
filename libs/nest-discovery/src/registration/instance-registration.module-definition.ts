import { ConfigurableModuleBuilder, type ModuleMetadata } from '@nestjs/common';
import type { InstanceInit } from '@rollcall/discovery';

/** How to register this application. `version`, `zone`, `weight` and the rest are those of any instance. */
export interface InstanceRegistrationOptions extends Omit<
  InstanceInit,
  'id' | 'host' | 'port' | 'registeredAt' | 'draining'
> {
  /** Unique for each start of each process. Default: the service name and eight random hex digits. */
  readonly id?: string;
  /** The address that clients connect to. Default: `bindAddress`, or the local address of the route to the registry. */
  readonly advertiseAddress?: string;
  /** The address that the server binds to, unless it binds to all. */
  readonly bindAddress?: string;
  /** Which server of the application to register. Default `grpc`. */
  readonly protocol?: 'grpc' | 'http';
  /**
   * The port of Nest's gRPC server, or a function that returns it once the server listens. The instance is registered
   * when the server starts to listen and deregistered before it closes. Without a port, call
   * `InstanceRegistration.register(port)`. Not needed for HTTP: Nest reports the port of its HTTP server.
   */
  readonly port?: number | (() => number);
}

export const {
  ConfigurableModuleClass: ConfigurableInstanceRegistration,
  MODULE_OPTIONS_TOKEN: INSTANCE_REGISTRATION_OPTIONS,
} = new ConfigurableModuleBuilder<InstanceRegistrationOptions>()
  // The module that `forRoot` returned, if it is not global.
  .setExtras({ imports: [] as NonNullable<ModuleMetadata['imports']> }, (definition, { imports }) => ({
    ...definition,
    imports: [...(definition.imports ?? []), ...imports],
  }))
  .build();
