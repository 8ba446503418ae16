import { fileURLToPath } from 'node:url';
import fastifyStatic from '@fastify/static';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';

const headers = {
  'content-security-policy':
    "default-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; object-src 'none'",
  'referrer-policy': 'same-origin',
  'x-content-type-options': 'nosniff',
  // File names carry no hash, so browsers have to revalidate; the ETag saves the transfer.
  'cache-control': 'no-cache',
};

/** Serves the files of `public/`, the shop page at `/`. */
export async function serveStaticFiles(app: NestFastifyApplication): Promise<void> {
  await app.register(fastifyStatic, {
    root: fileURLToPath(new URL('../public/', import.meta.url)),
    wildcard: false,
    setHeaders: (reply) => void reply.headers(headers),
  });
}
