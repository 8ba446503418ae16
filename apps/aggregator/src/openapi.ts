import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { DocumentBuilder, SwaggerModule } from '@nestjs/swagger';
import { AggregatorConfig } from './config.js';

/** Swagger UI at `/docs` and the document at `/docs-json`, unless `API_DOCS` is off; all scripts and styles are local. */
export function serveOpenApi(app: NestFastifyApplication): void {
  if (!app.get(AggregatorConfig).apiDocs) return;
  const config = new DocumentBuilder()
    .setTitle('Rollcall shop')
    .setDescription('Product pages aggregated from three services with any number of instances each.')
    .setVersion('1')
    .build();
  SwaggerModule.setup('docs', app, () => SwaggerModule.createDocument(app, config), {
    customSiteTitle: 'Rollcall shop: API',
  });
}
