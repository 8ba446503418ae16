import {
  type Context,
  context,
  type Span,
  SpanKind,
  SpanStatusCode,
  type TextMapPropagator,
  type TextMapSetter,
  trace,
  type Tracer,
} from '@opentelemetry/api';
import type {
  AttemptEvent,
  AttemptHeaders,
  AttemptStartEvent,
  CallEvent,
  CallStartEvent,
  EventCall,
} from '../events/discovery-events.js';
import { onEvent } from '../events/on-event.js';
import {
  attemptAttributes,
  callAttributes,
  peerAttributes,
  resultAttributes,
  spanName,
} from './span-attributes.js';

/** A call of which spans are kept. */
interface TracedCall {
  /** That of the attempts' parent. */
  readonly context: Context;
  /** Undefined if the call has one of another tracer. */
  readonly span: Span | undefined;
  readonly attempts: Map<number, Span>;
}

type Propagator = Pick<TextMapPropagator, 'inject' | 'fields'>;

const headersSetter: TextMapSetter<AttemptHeaders> = {
  set: (headers, name, value) => headers.set(name, value),
};

/**
 * One span for each call, and one below it for each attempt, whose context is passed on to the instance: names and events of
 * gRFC A72, attributes of the semantic conventions. The attempts are spans of a client, the call that has them is internal, so
 * that each request counts once.
 */
export function traceCalls(tracer: Tracer, propagator: Propagator): () => void {
  const calls = new WeakMap<EventCall, TracedCall>();
  const stops = [
    onEvent('call-start', (event) => void calls.set(event.call, startCall(tracer, propagator, event))),
    onEvent('attempt-start', (event) => {
      const traced = calls.get(event.call);
      if (traced) startAttempt(tracer, propagator, traced, event);
    }),
    onEvent('attempt', (event) => {
      const traced = event.call && calls.get(event.call);
      if (traced) endAttempt(traced, event);
    }),
    onEvent('call', (event) => {
      const span = calls.get(event.call)?.span;
      if (span) endCall(span, event);
    }),
  ];
  return () => stops.forEach((stop) => stop());
}

function startCall(tracer: Tracer, propagator: Propagator, { call, headers }: CallStartEvent): TracedCall {
  const parent = context.active();
  const active = trace.getSpanContext(parent);
  // Another tracer, such as instrumentation-grpc, has begun a span for this call and passed it on: that is the call's span.
  const isTraced =
    active !== undefined &&
    !active.isRemote &&
    propagator
      .fields()
      .some((name) => headers.get(name).some((value) => String(value).includes(active.spanId)));
  if (isTraced) return { context: parent, span: undefined, attempts: new Map() };
  const options = { kind: SpanKind.INTERNAL, attributes: callAttributes(call) };
  const span = tracer.startSpan(spanName('Sent', call), options, parent);
  return { context: trace.setSpan(parent, span), span, attempts: new Map() };
}

function startAttempt(
  tracer: Tracer,
  propagator: Propagator,
  traced: TracedCall,
  { call, attempt, reason, headers }: AttemptStartEvent,
): void {
  const options = { kind: SpanKind.CLIENT, attributes: attemptAttributes(call, attempt, reason) };
  const span = tracer.startSpan(spanName('Attempt', call), options, traced.context);
  traced.attempts.set(attempt, span);
  propagator.inject(trace.setSpan(traced.context, span), headers, headersSetter);
}

/** A hedge that found no other instance was never sent: it has no end, and so it is not exported. */
function endAttempt({ attempts }: TracedCall, event: AttemptEvent): void {
  const span = attempts.get(event.attempt);
  if (!span) return;
  attempts.delete(event.attempt);
  if (span.isRecording()) {
    const { instance, durationMs, waitedMs } = event;
    if (instance && waitedMs >= 1) span.addEvent('Delayed LB pick complete', {}, Date.now() - durationMs);
    span.setAttributes(peerAttributes(instance));
    setResult(span, event.protocol, event);
  }
  span.end();
}

function endCall(span: Span, event: CallEvent): void {
  if (span.isRecording()) setResult(span, event.call.protocol, event);
  span.end();
}

function setResult(span: Span, protocol: EventCall['protocol'], result: AttemptEvent | CallEvent): void {
  const attributes = resultAttributes(protocol, result);
  span.setAttributes(attributes);
  if (attributes['error.type'] === undefined) return;
  span.setStatus({ code: SpanStatusCode.ERROR, ...(result.error && { message: result.error }) });
}
