// The module, and what it provides.
export { ServiceDiscoveryModule } from './module/service-discovery.module.js';
export type { ServiceDiscoveryModuleOptions } from './module/service-discovery.module-definition.js';
export { InjectRegistry, REGISTRY } from './module/inject-registry.js';
export type { Registry, Watch } from '@rollcall/discovery';

// Registering this application.
export { InstanceRegistration } from './registration/instance-registration.js';
export type { InstanceRegistrationOptions } from './registration/instance-registration.module-definition.js';

// Calling other services.
export {
  getGrpcClientToken,
  getObservableClientToken,
  InjectGrpcClient,
} from './clients/inject-grpc-client.js';
export type { InjectGrpcClientOptions } from './clients/inject-grpc-client.js';
export type { GrpcClientsOptions } from './clients/grpc-clients.module.js';
export { toObservableClient } from './clients/observable-client.js';
export type {
  ObservableCallOptions,
  ObservableClient,
  ObservableMethods,
} from './clients/observable-client.js';
export type { CallOptions, GrpcClient } from '@rollcall/discovery/grpc';

// Serving gRPC.
export { CallContextInterceptor } from './grpc-server/call-context.interceptor.js';
export { GrpcErrorFilter } from './grpc-server/grpc-error.filter.js';
export { grpcStatusOf, httpStatusOf } from './grpc-server/http-status.js';
