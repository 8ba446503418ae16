import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { serveGracefully } from '@rollcall/discovery/http-server';
import { type Request, instanceIdKey } from './contract.js';
import type { InstanceServer, InstanceWork, Method } from './instance-work.js';

export function httpServer(id: string, work: InstanceWork): InstanceServer {
  const server = createServer((incoming, response) => {
    const { pathname, searchParams } = new URL(incoming.url ?? '', 'http://any');
    const field = (name: keyof Request) => Number(searchParams.get(name) ?? 0);
    const request: Request = {
      responseBytes: field('responseBytes'),
      delayMs: field('delayMs'),
      number: field('number'),
    };
    incoming.resume();
    work.run(pathname.slice(1) as Method, request, (padding) => {
      response.writeHead(padding ? 200 : 503, { [instanceIdKey]: id });
      response.end(padding);
    });
  });
  return {
    async listen(host, port) {
      server.listen(port, host);
      await once(server, 'listening');
      return (server.address() as AddressInfo).port;
    },
    serveGracefully: (registration, options) => serveGracefully(server, registration, options),
  };
}
