import type { Interceptor, InterceptorOptions, Metadata, status, StatusObject } from '@grpc/grpc-js';
import { CallRecord } from '../../calling/call-record.js';
import type { EventCall } from '../../events/discovery-events.js';
import { areCallsObserved, events } from '../../events/event-source.js';
import { emitCall } from './call-events.js';
import { withCallRecord } from './call-record.js';
import { asInterceptingCall, type Call, type CallListener, type NextCall } from './intercepting-call.js';
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

class ObservedCall implements Call {
  readonly #record: CallRecord;
  readonly #call: Call;
  readonly #stream: StreamAttempt | undefined;
  #listener: CallListener = {};
  #startedAt = 0;

  constructor(call: EventCall, options: InterceptorOptions, nextCall: NextCall) {
    this.#record = new CallRecord(call);
    this.#call = nextCall(withCallRecord(options, this.#record));
    const { requestStream, responseStream } = options.method_definition;
    this.#stream = requestStream || responseStream ? new StreamAttempt(call) : undefined;
  }

  start(metadata: Metadata, listener: CallListener = {}): void {
    this.#listener = listener;
    this.#startedAt = performance.now();
    const { call } = this.#record;
    if (events['call-start'].hasListeners)
      events['call-start'].emit({ type: 'call-start', call, headers: metadata });
    this.#call.start(this.#stream ? this.#stream.started(metadata) : metadata, this);
  }

  onReceiveMetadata(metadata: Metadata): void {
    this.#listener.onReceiveMetadata?.(metadata);
  }

  onReceiveMessage(message: unknown): void {
    this.#listener.onReceiveMessage?.(message);
  }

  onReceiveStatus(result: StatusObject): void {
    this.#stream?.ended(result);
    if (events.call.hasListeners) emitCall(this.#record, result, performance.now() - this.#startedAt);
    this.#listener.onReceiveStatus?.(result);
  }

  sendMessageWithContext(context: Parameters<Call['sendMessageWithContext']>[0], message: unknown): void {
    this.#call.sendMessageWithContext(context, message);
  }

  sendMessage(message: unknown): void {
    this.#call.sendMessage(message);
  }

  halfClose(): void {
    this.#call.halfClose();
  }

  startRead(): void {
    this.#call.startRead();
  }

  cancelWithStatus(code: status, details: string): void {
    this.#call.cancelWithStatus(code, details);
  }

  getPeer(): string {
    return this.#call.getPeer();
  }

  getAuthContext(): ReturnType<Call['getAuthContext']> {
    return this.#call.getAuthContext();
  }
}
