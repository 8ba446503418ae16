/** Accepts HTTP/2 connections on every loopback address. Replies to any message with its port and open connections. */
import { once } from 'node:events';
import { createServer } from 'node:http2';
import type { AddressInfo } from 'node:net';
import { serveRequests } from '../worker-process.js';

export interface ServerState {
  readonly port: number;
  readonly connections: number;
}

let connections = 0;
const server = createServer();
server.on('session', (session) => {
  connections += 1;
  session.on('close', () => (connections -= 1));
  session.on('error', () => {});
});
// Longer than the kernel's default, for a thousand connections at once.
server.listen({ port: 0, host: '0.0.0.0', backlog: 2_048 });
await once(server, 'listening');
const { port } = server.address() as AddressInfo;
serveRequests(async (_request: object): Promise<ServerState> => ({ port, connections }));
