import type { Attributes, Meter } from '@opentelemetry/api';
import type { AttemptEvent } from '../events/discovery-events.js';
import { onEvent } from '../events/on-event.js';
import type { Labels } from './labels.js';

/** Of the semantic conventions, in s. */
const buckets = [0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10];

/**
 * The metric of HTTP clients: each attempt is a request.
 * https://opentelemetry.io/docs/specs/semconv/http/http-metrics/#metric-httpclientrequestduration
 */
export function recordHttpRequests(meter: Meter, labels: Labels): () => void {
  const duration = meter.createHistogram('http.client.request.duration', {
    unit: 's',
    description: 'Time of a request to an instance',
    advice: { explicitBucketBoundaries: buckets },
  });
  return onEvent('attempt', (event) => {
    if (event.protocol !== 'http') return;
    duration.record(event.durationMs / 1_000, labels.withInstance(attributesOf(event), event.instance));
  });
}

function attributesOf({ service, method, code }: AttemptEvent): Attributes {
  const attributes: Attributes = { 'http.request.method': methodName(method), 'server.address': service };
  if (typeof code === 'number') attributes['http.response.status_code'] = code;
  if (typeof code === 'string' || code >= 400) attributes['error.type'] = String(code);
  return attributes;
}

/** Those of RFC 9110 and RFC 5789. */
const methods = ['GET', 'HEAD', 'POST', 'PUT', 'DELETE', 'CONNECT', 'OPTIONS', 'TRACE', 'PATCH'];

export function methodName(method: string): string {
  return methods.includes(method) ? method : '_OTHER';
}
