export { ServiceDiscoveryModule } from './module/service-discovery.module.js';
export type { ServiceDiscoveryModuleOptions } from './module/service-discovery.options.js';
export {
  getGrpcClientToken,
  InjectGrpcClient,
  InjectRegistry,
  getObservableClientToken,
  REGISTRY,
} from './module/discovery.decorators.js';
export type { InjectGrpcClientOptions } from './module/discovery.decorators.js';
export type { CallOptions, GrpcClient } from '@rollcall/discovery/grpc';
export type { Registry, Watch } from '@rollcall/discovery';

// To be found.
export { InstanceRegistration } from './registration/instance-registration.js';
export type { InstanceRegistrationOptions } from './registration/instance-registration.options.js';

// Around the handlers of a gRPC server.
export { GrpcErrorFilter } from './grpc-server/grpc-error.filter.js';
export { CallContextInterceptor } from './grpc-server/call-context.interceptor.js';

// One mapping between gRPC codes and HTTP statuses.
export { grpcStatusOf, httpStatusOf } from './grpc-server/http-status.js';

// Clients as observables.
export { toObservableClient } from './clients/observable-client.js';
export type {
  ObservableCallOptions,
  ObservableClient,
  ObservableMethods,
} from './clients/observable-client.js';
