// First, so that Node's error for a missing peer names the way out: "Cannot find package ... imported from .../npm-install/@grpc/grpc-js.js".
import './npm-install/@grpc/grpc-js.js';
import './npm-install/@grpc/proto-loader.js';

// Calls by service name: a client with retries, deadlines and waiting, or any channel of grpc-js.
export { expectRegistry, registerResolver } from './resolver/register-resolver.js';
export type { ResolverOptions } from './resolver/register-resolver.js';
export { targetOf } from './resolver/target.js';
export type { TargetOptions } from './resolver/target.js';
export { createGrpcClient } from './client/grpc-client.js';
export type { GrpcClientOptions } from './client/grpc-client.js';
export type { GrpcClient, GrpcClientConstructor, GrpcStub } from './client/stub-types.js';
export type { CallError, CallOptions, Requests } from './client/call-options.js';
export { idempotentMethods, loadContract } from './client/contract.js';
export type { GrpcContract, LoadedContract } from './client/contract.js';
export { channelOptions, fastKeepalive } from './client/channel-options.js';
export type { ChannelSettings, RetryPolicy } from './client/channel-options.js';
export type { LoadBalancing } from './balancing/load-balancing.js';
export type { LoadBalancingPolicy, ZoneAwareBalancing } from '../calling/load-balancing.js';
export type { RetryBudgetOptions, RetryOptions } from '../calling/retry-budget.js';
export type { OutlierDetection } from './balancing/outlier-detection.js';
export { resumeStream } from './client/resume-stream.js';
export type { ResumeOptions } from './client/resume-stream.js';

// A server that leaves without failing a call.
export { serveGracefully } from './serving/serve-gracefully.js';
export type { GrpcServingOptions, HealthReporter } from './serving/serve-gracefully.js';
export { serverOptions } from './serving/server-options.js';
export type { ConnectionLimits } from './serving/server-options.js';
export type { Deregisterable, ServingOptions } from '../shutdown/serving.js';

// What createGrpcClient adds to a call, for clients of grpc-js and Nest.
export { interceptors } from './interceptors/interceptors.js';
export type { InterceptorsOptions } from './interceptors/interceptors.js';
export type { MethodOptions, StreamMethodOptions } from './interceptors/method-options.js';
export {
  callContext,
  openCallContext,
  withCallContext,
  withoutCallContext,
} from './interceptors/call-context.js';
export type { CallContext, CallScope } from './interceptors/call-context.js';
