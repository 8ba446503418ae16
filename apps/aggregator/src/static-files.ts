import { fileURLToPath } from 'node:url';
import fastifyStatic from '@fastify/static';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';

/** Serves the files of `public/`, the shop page at `/`. */
export async function serveStaticFiles(app: NestFastifyApplication): Promise<void> {
  await app.register(fastifyStatic, {
    root: fileURLToPath(new URL('../public/', import.meta.url)),
    wildcard: false,
    // File names carry no hash, so browsers have to revalidate; the ETag saves the transfer.
    setHeaders: (reply) => void reply.header('cache-control', 'no-cache'),
  });
}
