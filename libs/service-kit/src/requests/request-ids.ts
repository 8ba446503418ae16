import { AsyncLocalStorage } from 'node:async_hooks';
import { randomUUID } from 'node:crypto';
import type { InterceptingCall, Interceptor, Metadata } from '@grpc/grpc-js';

const requestIdKey = 'x-request-id';
const traceparentKey = 'traceparent';

const requestIdPattern = /^[\w.:+/=@-]{1,128}$/;
/** https://www.w3.org/TR/trace-context/#traceparent-header */
const traceparentPattern = /^[0-9a-f]{2}-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}$/;

/** What the log lines and the outgoing calls of one request have in common. */
export interface RequestIds {
  readonly requestId: string;
  /** Passed on unchanged. */
  readonly traceparent?: string;
}

const current = new AsyncLocalStorage<RequestIds>();

/** Runs `work` for a request: its log lines name the ids, and clients with `requestIdsInterceptor` pass them on. */
export function withRequestIds<T>(ids: RequestIds, work: () => T): T {
  return current.run(ids, work);
}

/** The ids of the request that is being handled, if any. */
export function requestIds(): RequestIds | undefined {
  return current.getStore();
}

/** Reads headers or metadata. An invalid id is replaced by a new one, so that nobody can forge lines of the log. */
export function readRequestIds(header: (name: string) => unknown): RequestIds {
  const requestId = header(requestIdKey);
  const traceparent = header(traceparentKey);
  return {
    requestId: matches(requestId, requestIdPattern) ? requestId : randomUUID(),
    ...(matches(traceparent, traceparentPattern) && { traceparent }),
  };
}

/** Adds the ids of the current request to the metadata of outgoing calls. */
export const requestIdsInterceptor: Interceptor = (options, nextCall) => {
  const ids = requestIds();
  const call = nextCall(options) as InterceptingCall;
  if (!ids) return call;
  // Replaces the method of this call: a wrapper around the call would cost several times as much.
  const start = call.start.bind(call);
  call.start = (metadata, listener) => start(withIds(metadata, ids), listener);
  return call;
};

/** A copy: grpc-js passes on the metadata of the caller, who may use it for several calls. */
function withIds(metadata: Metadata, { requestId, traceparent }: RequestIds): Metadata {
  const copy = metadata.clone();
  copy.set(requestIdKey, requestId);
  if (traceparent !== undefined) copy.set(traceparentKey, traceparent);
  return copy;
}

function matches(text: unknown, pattern: RegExp): text is string {
  return typeof text === 'string' && pattern.test(text);
}
