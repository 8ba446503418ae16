import type { Socket } from 'node:net';
import { HttpException, NotFoundException } from '@nestjs/common';
import type { FastifyAdapter } from '@nestjs/platform-fastify';
import { createHttpAdapter as createServiceAdapter, type HttpLimits } from '@rollcall/service-kit/http';
import type { FastifyHttpOptions, RawServerDefault } from 'fastify';
import { errorResponse } from './error-response.js';
import { sendError } from './error.filter.js';

const fastify: FastifyHttpOptions<RawServerDefault> = {
  // The default of 100 gives a 404 for longer ids; the handler responds with what is wrong with them.
  routerOptions: { maxParamLength: 8_192 },
  // Paths that the router cannot decode reach neither Nest's filters nor the hooks.
  frameworkErrors: (error, request, reply) => {
    void reply.headers(securityHeaders(request.url));
    sendError(reply, error);
  },
  clientErrorHandler: (error, socket) => sendClientError(error, socket),
  // Requests on kept-alive connections are still served during the drain.
  return503OnClosing: false,
};

const contentSecurityPolicy =
  "default-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; object-src 'none'";
/** Swagger UI has inline styles, and images in `data:` URLs. */
const docsContentSecurityPolicy = `${contentSecurityPolicy}; style-src 'self' 'unsafe-inline'; img-src 'self' data:`;

export function createHttpAdapter(limits: HttpLimits = {}): FastifyAdapter {
  const adapter = createServiceAdapter({ limits, fastify });
  adapter
    .getInstance()
    .addHook('onRequest', (request, reply, done) => {
      if (!request.is404) return done();
      // Before Fastify reads a body that nobody wants. The rest of the body makes the connection useless.
      if (request.headers['content-length'] || request.headers['transfer-encoding']) {
        void reply.header('connection', 'close');
      }
      sendError(reply, new NotFoundException(`Cannot ${request.method} ${request.url}`));
    })
    .addHook('onSend', (request, reply, _payload, done) => {
      void reply.headers(securityHeaders(request.url));
      done();
    });
  return adapter;
}

function securityHeaders(url: string): Record<string, string> {
  return {
    'content-security-policy': url.startsWith('/docs') ? docsContentSecurityPolicy : contentSecurityPolicy,
    'referrer-policy': 'same-origin',
    'x-content-type-options': 'nosniff',
  };
}

/** Errors of Node's HTTP parser, which come before any request. */
function sendClientError(error: Error & { code?: string }, socket: Socket): void {
  if (error.code === 'ECONNRESET' || socket.destroyed) return;
  const [status, text, reason] = clientErrors[error.code ?? ''] ?? [400, 'Bad Request', 'malformed request'];
  const { code, message } = errorResponse(new HttpException(reason, status));
  const body = JSON.stringify({ error: { code, message } });
  const headers = `Connection: close\r\nContent-Type: application/json\r\nContent-Length: ${body.length}`;
  if (socket.writable) socket.write(`HTTP/1.1 ${status} ${text}\r\n${headers}\r\n\r\n${body}`);
  socket.destroySoon();
}

const clientErrors: Readonly<Record<string, readonly [status: number, text: string, reason: string]>> = {
  ERR_HTTP_REQUEST_TIMEOUT: [408, 'Request Timeout', 'the request took too long to arrive'],
  HPE_HEADER_OVERFLOW: [431, 'Request Header Fields Too Large', 'the headers are too large'],
};
