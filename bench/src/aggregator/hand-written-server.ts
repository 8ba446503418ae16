/** `node hand-written-server.js <ServerOptions as JSON>` */
import { createServer } from 'node:http';
import { type ServiceError, status } from '@grpc/grpc-js';
import type { ServerOptions } from './messages.js';
import { productPages } from './product-page.js';

const { port, addresses } = JSON.parse(process.argv[2] ?? '') as ServerOptions;
const prefix = '/api/products/';
const productPage = productPages(addresses);

const server = createServer((request, response) => {
  const respond = (httpStatus: number, body: object) => {
    const text = JSON.stringify(body);
    response.writeHead(httpStatus, {
      'content-type': 'application/json; charset=utf-8',
      'content-length': Buffer.byteLength(text),
      'cache-control': 'no-store',
    });
    response.end(text);
  };
  const { url = '' } = request;
  if (!url.startsWith(prefix)) return respond(404, { error: { code: 'NOT_FOUND' } });
  productPage(decodeURIComponent(url.slice(prefix.length))).then(
    (page) => respond(200, page),
    ({ code }: ServiceError) =>
      respond(code === status.NOT_FOUND ? 404 : 503, { error: { code: status[code] } }),
  );
});
server.listen(port, '127.0.0.1');
