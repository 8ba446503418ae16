import { InterceptingCall, type Interceptor } from '@grpc/grpc-js';

/**
 * Gives every call that comes without a deadline one of `defaultMs` from now: grpc-js has none, and a call without one
 * can wait for ever. Streams are left alone: they are meant to last.
 */
export function deadlineInterceptor(defaultMs: number): Interceptor {
  return (options, nextCall) => {
    const unlimited = options.deadline === undefined || options.deadline === Infinity;
    const stream = options.method_definition.responseStream || options.method_definition.requestStream;
    return new InterceptingCall(
      nextCall(unlimited && !stream ? { ...options, deadline: Date.now() + defaultMs } : options),
    );
  };
}
