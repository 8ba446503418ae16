// The module, and what it provides.
export { ServiceDiscoveryModule } from './module/service-discovery.module.js';
export type { ServiceDiscoveryModuleOptions } from './module/open-module-registry.js';
export type { ServiceDiscoveryModuleExtras } from './module/service-discovery.module-definition.js';
export { getRegistryToken, InjectRegistry, REGISTRY } from './module/inject-registry.js';
export type { Registry, Watch } from '@rollcall/discovery';

// Registering this application.
export { InstanceRegistration } from './registration/instance-registration.js';
export type {
  InstanceRegistrationExtras,
  InstanceRegistrationOptions,
} from './registration/instance-registration.module-definition.js';

// Calling other services.
export {
  getGrpcClientToken,
  getObservableClientToken,
  InjectGrpcClient,
} from './clients/inject-grpc-client.js';
export type { InjectGrpcClientOptions, NamedStub } from './clients/inject-grpc-client.js';
export type { GrpcClientsImports, GrpcClientsOptions } from './clients/grpc-clients.module.js';
export type {
  AsyncGrpcClientDefinition,
  GrpcClientDefinition,
  GrpcClientIdentity,
  GrpcClientSettings,
} from './clients/grpc-client-definition.js';
export { discoveredClient } from './clients/discovered-client.js';
export type { DiscoveredClient, DiscoveredClientOptions } from './clients/discovered-client.js';
export { discoveredGrpcOptions } from './clients/discovered-grpc-options.js';
export type { DiscoveredGrpcOptions, NestGrpcOptions } from './clients/discovered-grpc-options.js';
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
