import { FastifyAdapter } from '@nestjs/platform-fastify';
import type { FastifyHttpOptions, RawServerDefault } from 'fastify';
import { sendError } from './error.filter.js';

const options: FastifyHttpOptions<RawServerDefault> = {
  // The default of 100 gives a 404 for longer ids; the handler responds with what is wrong with them.
  routerOptions: { maxParamLength: 8_192 },
  // Paths that the router cannot decode do not reach Nest's filters.
  frameworkErrors: (error, _request, reply) => void sendError(reply, error),
  // Requests on kept-alive connections are still served during the drain.
  return503OnClosing: false,
};

export function createHttpAdapter(): FastifyAdapter {
  return new FastifyAdapter(options);
}
