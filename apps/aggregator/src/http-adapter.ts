import { FastifyAdapter } from '@nestjs/platform-fastify';
import type { FastifyHttpOptions, RawServerDefault } from 'fastify';
import { sendError } from './error.filter.js';

const options: FastifyHttpOptions<RawServerDefault> = {
  // An id of any length is for the handler to judge: it says what an id looks like, the router only that it is long.
  routerOptions: { maxParamLength: 8_192 },
  // What the router cannot decode never comes to Nest and its filters.
  frameworkErrors: (error, _request, reply) => void sendError(reply, error),
  // A request that still comes while we leave, over a connection that was kept, is answered as any other.
  return503OnClosing: false,
};

/** The HTTP server under Nest, with what Nest does not set. */
export function httpAdapter(): FastifyAdapter {
  return new FastifyAdapter(options);
}
