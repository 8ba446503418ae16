export { runGrpcService } from './run-grpc-service.js';
export type { GrpcService } from './run-grpc-service.js';
export { Drain } from './drain.js';
export type { DrainSteps, Ending } from './drain.js';
export { instanceIdKey } from './call-tracker.js';
export { page } from './paging.js';
export type { PageRequest } from './paging.js';
export { assertField } from './assert-field.js';
