export { runGrpcService } from './grpc/run-grpc-service.js';
export type { GrpcServiceOptions } from './grpc/run-grpc-service.js';
export type { ConnectionLimits } from './grpc/connection-limits.js';
export { instanceIdKey } from './grpc/call-tracker.js';
export { integerVariable } from './config.js';
export { GracefulShutdown, maxShutdownMs } from './lifecycle/graceful-shutdown.js';
export type { DrainResult, ShutdownSteps } from './lifecycle/graceful-shutdown.js';
export { assertFieldMatches } from './requests/assert-field-matches.js';
export { parseInteger } from './requests/parse-integer.js';
export { paginate } from './requests/paginate.js';
export type { PageRequest } from './requests/paginate.js';
export { requestIds, requestIdsInterceptor, withRequestIds } from './requests/request-ids.js';
export type { RequestIds } from './requests/request-ids.js';
export { ServiceLogger } from './service-logger.js';
// `runHttpService` is in `@rollcall/service-kit/http`: a gRPC service does not load an HTTP server.
