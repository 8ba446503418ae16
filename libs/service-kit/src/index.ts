export { runGrpcService } from './grpc/run-grpc-service.js';
export type { GrpcService } from './grpc/run-grpc-service.js';
export { GracefulShutdown } from './lifecycle/graceful-shutdown.js';
export type { ShutdownSteps, DrainResult } from './lifecycle/graceful-shutdown.js';
export { instanceIdKey } from './grpc/call-tracker.js';
export { paginate } from './requests/paginate.js';
export type { PageRequest } from './requests/paginate.js';
export { assertFieldMatches } from './requests/assert-field-matches.js';
