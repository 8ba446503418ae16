import { InterceptingCall, type Interceptor, status } from '@grpc/grpc-js';
import { callContext } from './call-context.js';
import { type Call, passOn } from './intercepting-call.js';

export interface DeadlineSettings {
  /** Deadline of a unary call that comes without one, in ms from its start. Default 5,000. */
  readonly defaultTimeoutMs?: number;
  /**
   * How much earlier than the incoming call's a deadline that is passed on lies, in ms, so that there is time left to
   * answer without what did not come. Default 20.
   */
  readonly marginMs?: number;
}

/**
 * Gives every call the deadline it should have: its own, that of the incoming call it is made for (see
 * {@link runWithin}) less a margin, whichever is earlier; a unary call with neither gets the default, for in grpc-js a
 * call without a deadline can wait for ever. Streams without one are left alone: they are meant to last. When the
 * incoming call is cancelled, so is this one.
 */
export function deadlineInterceptor({
  defaultTimeoutMs = 5_000,
  marginMs = 20,
}: DeadlineSettings = {}): Interceptor {
  return (options, next) => {
    const incoming = callContext();
    const { requestStream, responseStream } = options.method_definition;
    const own = Number(options.deadline ?? Infinity);
    const passedOn = (incoming?.deadline ?? Infinity) - marginMs;
    let deadline = Math.min(own, passedOn);
    if (deadline === Infinity && !requestStream && !responseStream) deadline = Date.now() + defaultTimeoutMs;
    const call = next(deadline === own ? options : { ...options, deadline });
    return incoming?.signal ? endingWith(incoming.signal, call) : passOn(call);
  };
}

function endingWith(signal: AbortSignal, call: Call): InterceptingCall {
  return new InterceptingCall(call, {
    start(metadata, _listener, start) {
      const cancel = () => call.cancelWithStatus(status.CANCELLED, 'the call that it was made for is over');
      signal.addEventListener('abort', cancel, { once: true });
      start(metadata, {
        onReceiveStatus(result, receive) {
          signal.removeEventListener('abort', cancel);
          receive(result);
        },
      });
      if (signal.aborted) cancel();
    },
  });
}
