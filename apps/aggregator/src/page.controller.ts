import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { Controller, Get, Header, NotFoundException, Param, Res } from '@nestjs/common';
import { ApiExcludeController } from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';

/** The files of the page, read once: there are few, and nothing else can be asked for. */
const files = new Map(
  [
    ['index.html', 'text/html; charset=utf-8'],
    ['shop.css', 'text/css; charset=utf-8'],
    ['shop.js', 'text/javascript; charset=utf-8'],
  ].map(([name, type]) => [
    name!,
    { type: type!, body: readFileSync(fileURLToPath(new URL(`../public/${name}`, import.meta.url))) },
  ]),
);

const contentSecurityPolicy =
  "default-src 'self'; style-src 'self'; img-src 'self' data:; base-uri 'none'; frame-ancestors 'none'";

@ApiExcludeController()
@Controller()
export class PageController {
  @Get()
  @Header('content-security-policy', contentSecurityPolicy)
  @Header('x-content-type-options', 'nosniff')
  @Header('cache-control', 'no-cache')
  index(@Res() reply: FastifyReply): void {
    send(reply, 'index.html');
  }

  @Get('assets/:name')
  @Header('x-content-type-options', 'nosniff')
  @Header('cache-control', 'no-cache')
  asset(@Param('name') name: string, @Res() reply: FastifyReply): void {
    send(reply, name);
  }
}

function send(reply: FastifyReply, name: string): void {
  const file = files.get(name);
  if (!file) throw new NotFoundException(`there is no file ${JSON.stringify(name.slice(0, 80))}`);
  void reply.type(file.type).send(file.body);
}
