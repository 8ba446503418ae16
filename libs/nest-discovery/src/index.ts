export { DiscoveryModule } from './discovery.module.js';
export type { DiscoveryModuleOptions } from './discovery.options.js';
export { grpcClientToken, InjectGrpcClient, InjectRegistry, REGISTRY } from './discovery.decorators.js';
export type { CallOptions, GrpcClient } from '@rollcall/discovery/grpc';
export type { Registry, Watch } from '@rollcall/discovery';
