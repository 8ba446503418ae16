export { runGrpcService } from './grpc/run-grpc-service.js';
export type { GrpcServiceOptions } from './grpc/run-grpc-service.js';
export type { ConnectionLimits } from '@rollcall/discovery/grpc';
export { instanceIdKey } from './grpc/instance-id.interceptor.js';
export { integerVariable } from './config.js';
export { GracefulShutdown } from '@rollcall/discovery';
export { assertFieldMatches } from './requests/assert-field-matches.js';
export { parseInteger } from './requests/parse-integer.js';
export { paginate } from './requests/paginate.js';
export type { PageRequest } from './requests/paginate.js';
export { requestIds, requestIdsInterceptor, withRequestIds } from './requests/request-ids.js';
export type { RequestIds } from './requests/request-ids.js';
export { ServiceLogger } from './service-logger.js';
// `runHttpService` is in `@rollcall/service-kit/http`: a gRPC service does not load an HTTP server.
