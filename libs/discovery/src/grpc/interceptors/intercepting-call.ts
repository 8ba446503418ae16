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

/** `host:port` or the path of a Unix socket, in contrast to a target. */
const addressPattern = /^(?:\[[^\]]+\]|[^:[\]]+):\d+$|^\//;

/** The address of the instance that the call was sent to. Undefined if it was never sent: grpc-js then returns the target. */
export function reachedAddress(call: { getPeer(): string }): string | undefined {
  const peer = call.getPeer();
  return addressPattern.test(peer) ? peer : undefined;
}
