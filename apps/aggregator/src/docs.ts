import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { DocumentBuilder, SwaggerModule } from '@nestjs/swagger';

/** OpenAPI: for people at `/docs`, for programs at `/docs-json`. Nothing of it is fetched from elsewhere. */
export function serveDocs(app: NestFastifyApplication): void {
  const config = new DocumentBuilder()
    .setTitle('Rollcall shop')
    .setDescription('A product page out of three services, each of which may have any number of instances.')
    .setVersion('1')
    .build();
  SwaggerModule.setup('docs', app, () => SwaggerModule.createDocument(app, config), {
    customSiteTitle: 'Rollcall shop: API',
  });
}
