import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { advertisedAddress, Registry } from '@rollcall/discovery';
import { etcdBackend } from '@rollcall/discovery/etcd';
import { config } from './config.js';

/** The log: a line of JSON for each entry. */
export const print = (entry: object) => void process.stdout.write(`${JSON.stringify(entry)}\n`);

export const openEtcd = () =>
  new Registry(etcdBackend(config.etcd), {
    log: (level, message) => level !== 'info' && print({ level, message }),
  });

type Handler = (request: IncomingMessage) => Promise<object>;

/** Serves one route, `GET /healthz` (the process is alive) and `GET /readyz`. */
export function jsonServer(route: string, handle: Handler, isReady: () => boolean): Server {
  const respond = async (request: IncomingMessage): Promise<readonly [status: number, body: object]> => {
    const name = `${request.method} ${request.url?.split('?')[0]}`;
    if (/^GET \/(healthz|readyz)$/.test(name)) return [name === 'GET /healthz' || isReady() ? 200 : 503, {}];
    return name === route ? [200, await handle(request)] : [404, { message: `use ${route}` }];
  };
  return createServer(async (request, response) => {
    const [status, body] = await respond(request).catch(({ message }: Error) => [400, { message }] as const);
    response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
  });
}

/** Resolves with the address for callers. */
export async function listen(server: Server, { host: registryHost }: Registry) {
  const host = await advertisedAddress({ bind: config.host, registryHost });
  await once(server.listen(config.port, config.host ?? host), 'listening');
  return { host, port: (server.address() as AddressInfo).port };
}
