import type { IncomingMessage } from 'node:http';
import { json } from 'node:stream/consumers';
import { addressOf, type Registration } from '@rollcall/discovery';
import { serveGracefully } from '@rollcall/discovery/http-server';
import { config } from './config.js';
import { jsonServer, listen, openEtcd, print } from './server.js';

const registry = openEtcd();
let registration: Registration | undefined;
const server = jsonServer('POST /goods/list', listGoods, () => registration?.state.status === 'registered');
const address = await listen(server, registry);
const endpoint = addressOf(address);
registration = registry.register({ id: config.hostname, service: 'goods', ...address });
registration.on('change', ({ status }) => print({ goods: endpoint, status }));
// On SIGTERM and SIGINT its lease is revoked, gateways get time to see that, and requests in flight complete.
serveGracefully(server, registration, { beforeExit: () => registry.close() });

async function listGoods(request: IncomingMessage): Promise<object> {
  const { trace_id } = (await json(request)) as { trace_id: number };
  print({ trace_id, endpoint });
  return { trace_id, message: 'get goods list success' };
}
