import type { Interceptor, InterceptorOptions, Metadata, StatusObject } from '@grpc/grpc-js';
import { CallRecord } from '../../calling/call-record.js';
import type { EventCall } from '../../events/discovery-events.js';
import { areCallsObserved, events } from '../../events/event-source.js';
import { emitCall } from './call-events.js';
import { withCallRecord } from './call-record.js';
import { ForwardingCall } from './forwarding-call.js';
import { asInterceptingCall, type CallListener, type NextCall } from './intercepting-call.js';
import { StreamAttempt } from './stream-attempt.js';

/** What the events of a channel's calls have in common. */
export interface ObservedChannel {
  /** Undefined if it is unknown. */
  readonly getTarget: (() => string) | undefined;
  /** See `EventCall`. */
  readonly isKnownMethod: (path: string) => boolean;
}

/**
 * Emits the start and the end of each call, and of the one attempt of a stream. The attempts of a unary call are emitted by
 * `RetryingCall`. Costs next to nothing while nobody listens.
 */
export function observedCallInterceptor({ getTarget, isKnownMethod }: ObservedChannel): Interceptor {
  let channel: Pick<EventCall, 'target' | 'service'> | undefined;
  return (options, nextCall) => {
    if (!areCallsObserved()) return asInterceptingCall(nextCall(options));
    channel ??= describeTarget(getTarget?.() ?? '');
    const { path } = options.method_definition;
    const call: EventCall = {
      protocol: 'grpc',
      target: channel.target,
      service: channel.service,
      method: path,
      isKnownMethod: isKnownMethod(path),
    };
    return asInterceptingCall(new ObservedCall(call, options, nextCall));
  };
}

/** `scheme://name/service?filter`; the targets of other resolvers have no service. */
function describeTarget(target: string): Pick<EventCall, 'target' | 'service'> {
  if (target.startsWith('static:')) return { target, service: 'static' };
  const [, service = ''] = /^[^/]+:\/\/[^/]*\/([^?]*)/.exec(target) ?? [];
  return { target, service };
}

class ObservedCall extends ForwardingCall {
  readonly #record: CallRecord;
  readonly #stream: StreamAttempt | undefined;
  #startedAt = 0;

  constructor(call: EventCall, options: InterceptorOptions, nextCall: NextCall) {
    const record = new CallRecord(call);
    super(nextCall(withCallRecord(options, record)));
    this.#record = record;
    const { requestStream, responseStream } = options.method_definition;
    this.#stream = requestStream || responseStream ? new StreamAttempt(call) : undefined;
  }

  override start(metadata: Metadata, listener?: CallListener): void {
    this.#startedAt = performance.now();
    const { call } = this.#record;
    if (events['call-start'].hasListeners)
      events['call-start'].emit({ type: 'call-start', call, headers: metadata });
    super.start(this.#stream ? this.#stream.started(metadata) : metadata, listener);
  }

  override onReceiveStatus(result: StatusObject): void {
    this.#stream?.ended(result);
    if (events.call.hasListeners) emitCall(this.#record, result, performance.now() - this.#startedAt);
    super.onReceiveStatus(result);
  }
}
