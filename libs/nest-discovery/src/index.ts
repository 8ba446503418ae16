export { DiscoveryModule } from './discovery.module.js';
export type { DiscoveryModuleOptions } from './discovery.options.js';
export {
  grpcClientToken,
  InjectGrpcClient,
  InjectRegistry,
  observableClientToken,
  REGISTRY,
} from './discovery.decorators.js';
export type { InjectGrpcClientOptions } from './discovery.decorators.js';
export type { CallOptions, GrpcClient } from '@rollcall/discovery/grpc';
export type { Registry, Watch } from '@rollcall/discovery';

// To be found.
export { SelfRegistration } from './registration/self-registration.js';
export type { SelfRegistrationOptions } from './registration/self-registration.options.js';

// Around the handlers of a gRPC server.
export { GrpcErrorFilter } from './grpc/grpc-error.filter.js';
export { IncomingCallInterceptor } from './grpc/incoming-call.interceptor.js';

// Clients as observables.
export { observable } from './grpc/observable-client.js';
export type { ObservableCallOptions, ObservableClient, Observables } from './grpc/observable-client.js';
