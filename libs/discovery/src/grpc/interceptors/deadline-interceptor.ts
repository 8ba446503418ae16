import { type Interceptor, propagate } from '@grpc/grpc-js';
import { callContext, outgoingCalls } from './call-context.js';
import { CancellableCall } from './cancellable-call.js';
import { asInterceptingCall } from './intercepting-call.js';
import type { StreamMethodOptions } from './method-options.js';

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
 * margin. Its own deadline is that of its caller, else that of the timeout of its method, in `methods` by its path. A unary
 * call without either gets the default timeout, because grpc-js lets it wait for ever. Streams without one stay without. A
 * call is cancelled when its incoming call is, or its `parent` (an option of grpc-js).
 */
export function deadlineInterceptor(
  { defaultTimeoutMs = 5_000, deadlineMarginMs = 20 }: DeadlineSettings = {},
  methods: ReadonlyMap<string, StreamMethodOptions> = new Map(),
): Interceptor {
  return (options, nextCall) => {
    const incoming = callContext();
    const { path, requestStream, responseStream } = options.method_definition;
    const given = Number(options.deadline ?? Infinity);
    const timeoutMs = given === Infinity && methods.size > 0 ? methods.get(path)?.timeoutMs : undefined;
    const own = timeoutMs === undefined ? given : Date.now() + timeoutMs;
    const propagated = (incoming?.deadline ?? Infinity) - deadlineMarginMs;
    const flags = options.propagate_flags ?? propagate.DEFAULTS;
    const ofParent =
      flags & propagate.DEADLINE ? Number(options.parent?.getDeadline() ?? Infinity) : Infinity;
    let deadline = Math.min(own, propagated, ofParent);
    if (deadline === Infinity && !requestStream && !responseStream) deadline = Date.now() + defaultTimeoutMs;
    // Not spread: Node 20 makes a hidden class for each object that gets further properties after `...`.
    const call = nextCall(deadline === given ? options : Object.assign({}, options, { deadline }));
    const parent = flags & propagate.CANCELLATION ? options.parent : undefined;
    const siblings = outgoingCalls();
    return asInterceptingCall(siblings || parent ? new CancellableCall(call, siblings, parent) : call);
  };
}
