import type { InterceptingCall, Interceptor } from '@grpc/grpc-js';

/** Types that grpc-js uses in the signature of an interceptor and does not export. */
export type NextCall = Parameters<Interceptor>[1];
export type Call = ReturnType<NextCall>;
export type CallListener = NonNullable<Parameters<Call['start']>[1]>;

/**
 * The type of an interceptor asks for an `InterceptingCall`; grpc-js only uses its methods. Another wrapper would cost
 * each call some microseconds.
 */
export function asInterceptingCall(call: Call): InterceptingCall {
  return call as InterceptingCall;
}
