import { Logger } from '@nestjs/common';
import { FastifyAdapter } from '@nestjs/platform-fastify';
import type { FastifyHttpOptions, RawServerDefault } from 'fastify';
import { readRequestIds, withRequestIds } from '../requests/request-ids.js';

/** What one client may take of an HTTP server. */
export interface HttpLimits {
  /** How long a request may take to arrive, in ms. Default 10,000. */
  readonly requestTimeoutMs?: number;
  /** How long a connection may be silent, also while a response is prepared, in ms. Default 75,000. */
  readonly connectionTimeoutMs?: number;
  /** Default 65,536. */
  readonly maxBodyBytes?: number;
  /** Further connections are closed at once. Default 10,000. */
  readonly maxConnections?: number;
}

type FastifyOptions = FastifyHttpOptions<RawServerDefault>;

export interface HttpAdapterOptions {
  readonly limits?: HttpLimits;
  readonly fastify?: FastifyOptions;
}

/** How often Node looks for requests that have taken too long, in ms. Its default is 30,000. */
const maxCheckIntervalMs = 1_000;

/**
 * Fastify with limits, an access log, and request ids: `x-request-id` and `traceparent` are accepted, part of every log line
 * of the request, and available to `requestIdsInterceptor`. The response has the `x-request-id`, too.
 */
export function createHttpAdapter({ limits = {}, fastify = {} }: HttpAdapterOptions = {}): FastifyAdapter {
  const {
    requestTimeoutMs = 10_000,
    connectionTimeoutMs = 75_000,
    maxBodyBytes = 65_536,
    maxConnections = 10_000,
  } = limits;
  const options: FastifyOptions = {
    requestTimeout: requestTimeoutMs,
    connectionTimeout: connectionTimeoutMs,
    bodyLimit: maxBodyBytes,
    http: {
      headersTimeout: requestTimeoutMs,
      connectionsCheckingInterval: Math.min(maxCheckIntervalMs, requestTimeoutMs),
    },
    ...fastify,
  };
  const adapter = new FastifyAdapter(options);
  adapter.getInstance().server.maxConnections = maxConnections;
  logRequests(adapter);
  return adapter;
}

function logRequests(adapter: FastifyAdapter): void {
  const logger = new Logger('Requests');
  adapter.getInstance().addHook('onRequest', (request, reply, done) => {
    const startedAt = performance.now();
    const ids = readRequestIds((name) => request.headers[name]);
    void reply.header('x-request-id', ids.requestId);
    const { raw } = reply;
    raw.once('close', () => {
      // Without the query, which may contain what does not belong into a log.
      const path = request.url.split('?', 1)[0]!.slice(0, 256);
      const tookMs = Math.round((performance.now() - startedAt) * 10) / 10;
      const line = { method: request.method, path, status: raw.statusCode, tookMs };
      withRequestIds(ids, () => logger.log(raw.writableEnded ? line : { ...line, aborted: true }));
    });
    withRequestIds(ids, done);
  });
}
