import { InterceptingCall, type Interceptor, status } from '@grpc/grpc-js';
import { callContext } from './call-context.js';
import { asInterceptingCall, type Call } from './intercepting-call.js';

export interface DeadlineSettings {
  /** Timeout of a unary call without a deadline, in ms. Default 5,000. */
  readonly defaultTimeoutMs?: number;
  /**
   * How much earlier than the deadline of the incoming call an outgoing call ends, in ms. It leaves time to respond
   * without the missing result. Default 20.
   */
  readonly deadlineMarginMs?: number;
}

/**
 * Gives every call the earlier of its own deadline and that of the incoming call (see {@link withCallContext}) less a
 * margin. A unary call without either gets the default timeout, because grpc-js lets it wait for ever. Streams
 * without one stay without. A call is cancelled when its incoming call is.
 */
export function deadlineInterceptor({
  defaultTimeoutMs = 5_000,
  deadlineMarginMs = 20,
}: DeadlineSettings = {}): Interceptor {
  return (options, nextCall) => {
    const incoming = callContext();
    const { requestStream, responseStream } = options.method_definition;
    const own = Number(options.deadline ?? Infinity);
    const propagated = (incoming?.deadline ?? Infinity) - deadlineMarginMs;
    let deadline = Math.min(own, propagated);
    if (deadline === Infinity && !requestStream && !responseStream) deadline = Date.now() + defaultTimeoutMs;
    const call = nextCall(deadline === own ? options : { ...options, deadline });
    return incoming?.signal ? cancelWith(incoming.signal, call) : asInterceptingCall(call);
  };
}

function cancelWith(signal: AbortSignal, call: Call): InterceptingCall {
  return new InterceptingCall(call, {
    start(metadata, _listener, start) {
      const cancel = () => call.cancelWithStatus(status.CANCELLED, 'the incoming call has ended');
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
