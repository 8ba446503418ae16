import { fileURLToPath } from 'node:url';
import fastifyStatic from '@fastify/static';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';

const headers = {
  'content-security-policy':
    "default-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; object-src 'none'",
  'referrer-policy': 'same-origin',
  'x-content-type-options': 'nosniff',
  // Names carry no hash, so a browser asks each time, and is told by ETag that nothing changed.
  'cache-control': 'no-cache',
};

/** The shop's page at `/`: the files of `public/` as they are, a route each. */
export async function servePage(app: NestFastifyApplication): Promise<void> {
  await app.register(fastifyStatic, {
    root: fileURLToPath(new URL('../public/', import.meta.url)),
    wildcard: false,
    setHeaders: (reply) => void reply.headers(headers),
  });
}
