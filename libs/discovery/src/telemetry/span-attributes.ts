import type { Attributes } from '@opentelemetry/api';
import type { AttemptEvent, EventCall, EventInstance, RetryEvent } from '../events/discovery-events.js';
import { grpcStatusName } from './grpc-status.js';
import { methodName } from './http-metrics.js';

/** `Sent.package.Service/Method` as in gRFC A72, or the method of an HTTP request. */
export function spanName(prefix: 'Sent' | 'Attempt', { protocol, method }: EventCall): string {
  return protocol === 'grpc' ? `${prefix}.${method.slice(1)}` : methodName(method);
}

/** https://opentelemetry.io/docs/specs/semconv/rpc/grpc/ and https://opentelemetry.io/docs/specs/semconv/http/http-spans/ */
export function callAttributes({ protocol, service, method }: EventCall): Attributes {
  const server = service === '' ? {} : { 'server.address': service };
  if (protocol === 'http') return { 'http.request.method': methodName(method), ...server };
  return { 'rpc.system.name': 'grpc', 'rpc.method': method.slice(1), ...server };
}

/** With the number of earlier attempts, as gRFC A72 has it for gRPC. */
export function attemptAttributes(
  call: EventCall,
  attempt: number,
  reason: RetryEvent['reason'] | undefined,
): Attributes {
  const earlier = call.protocol === 'grpc' ? 'previous-rpc-attempts' : 'http.request.resend_count';
  return {
    ...callAttributes(call),
    [earlier]: attempt - 1,
    'discovery.attempt': attempt,
    ...(reason && { 'discovery.retry.reason': reason }),
  };
}

export function peerAttributes(instance: EventInstance | undefined): Attributes {
  if (!instance) return {};
  const { id, address } = instance;
  const [, host, port] = /^\[?(.*?)\]?:(\d+)$/.exec(address) ?? [];
  return {
    ...(id !== '' && { 'discovery.instance': id }),
    'network.peer.address': host ?? address,
    ...(port && { 'network.peer.port': Number(port) }),
  };
}

/** With `error.type` if it is an error. `discovery.outcome` distinguishes what was cancelled, as by a faster attempt. */
export function resultAttributes(
  protocol: EventCall['protocol'],
  { code, outcome }: Pick<AttemptEvent, 'code' | 'outcome'>,
): Attributes {
  const attributes: Attributes = { 'discovery.outcome': outcome };
  const isHttp = protocol === 'http';
  const name = isHttp ? String(code) : grpcStatusName(code);
  if (!isHttp) attributes['rpc.response.status_code'] = name;
  else if (typeof code === 'number') attributes['http.response.status_code'] = code;
  if (outcome === 'failure' || (isHttp && Number(code) >= 400)) attributes['error.type'] = name;
  return attributes;
}
