/** `node nest-server.js <ServerOptions as JSON>` */
import 'reflect-metadata';
import { Controller, Get, Header, Module, Param } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import type { ServerOptions } from './messages.js';
import { productPages } from './product-page.js';

const { port, addresses } = JSON.parse(process.argv[2] ?? '') as ServerOptions;
const productPage = productPages(addresses);

@Controller('api/products')
class ProductsController {
  @Get(':id')
  @Header('cache-control', 'no-store')
  page(@Param('id') id: string): Promise<object> {
    return productPage(id);
  }
}

@Module({ controllers: [ProductsController] })
class NestServerModule {}

const app = await NestFactory.create<NestFastifyApplication>(NestServerModule, new FastifyAdapter(), {
  logger: ['error'],
});
await app.listen(port, '127.0.0.1');
