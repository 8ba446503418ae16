// Needs @nestjs/microservices, which the main entry does not.
export { GracefulGrpcServer } from './graceful-grpc-server.js';
export type { GracefulGrpcServerOptions, HealthService } from './graceful-grpc-server.js';
