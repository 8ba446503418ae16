import type { InstanceInit } from '@rollcall/discovery';

/** What this application is in the registry. What is not named here is as in any instance: `version`, `zone`, `weight`, ... */
export interface InstanceRegistrationOptions extends Omit<
  InstanceInit,
  'id' | 'host' | 'port' | 'registeredAt' | 'draining'
> {
  /** Unique for each boot. Default: the service and eight random digits. */
  readonly id?: string;
  /** The address that callers reach. Default: `bind`, else the one of the route to the registry. */
  readonly advertise?: string;
  /** The address that the server is bound to, if it is not every one. */
  readonly bind?: string;
  /** Which server is meant. Default `grpc`. */
  readonly protocol?: 'grpc' | 'http';
  /**
   * The port that Nest's gRPC server listens on, or what knows it then: it is registered as soon as that server listens,
   * and out of the registry before it closes. Without a port, say so with `InstanceRegistration.register(port)`. An HTTP
   * server needs none: it tells its own.
   */
  readonly port?: number | (() => number);
}
