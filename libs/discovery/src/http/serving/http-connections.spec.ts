import { once } from 'node:events';
import { Agent, createServer, get, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { Agent as TlsAgent, createServer as createTlsServer, get as getTls } from 'node:https';
import { type AddressInfo, connect, type Socket } from 'node:net';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { GracefulShutdown } from '../../shutdown/graceful-shutdown.js';
import { certificateFor, hasOpenssl } from '../../fixtures/certificates.js';
import { HttpConnections } from './http-connections.js';

vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 });

let handler: (request: IncomingMessage, response: ServerResponse) => void;
let server: Server;
let connections: HttpConnections;
let port: number;
const agents = new Set<Agent>();
const sockets = new Set<Socket>();

beforeEach(async () => {
  handler = (_request, response) => response.end('ok');
  server = createServer((request, response) => handler(request, response));
  connections = new HttpConnections(server);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  ({ port } = server.address() as AddressInfo);
});
afterEach(() => {
  for (const agent of agents) agent.destroy();
  for (const socket of sockets) socket.destroy();
  agents.clear();
  sockets.clear();
  server.close();
  server.closeAllConnections();
});

/** Has one connection at most. */
function keepAliveAgent(): Agent {
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  agents.add(agent);
  return agent;
}

function sendRequest(agent: Agent): Promise<{ text: string; connection: string | undefined }> {
  return new Promise((resolve, reject) => {
    const request = get({ port, agent }, (response) => {
      let text = '';
      response.on('data', (chunk) => (text += String(chunk)));
      response.once('end', () => resolve({ text, connection: response.headers.connection }));
      response.once('error', reject);
    });
    request.once('error', reject);
  });
}

async function openUnusedConnection(): Promise<Socket> {
  const accepted = once(server, 'connection');
  const socket = connect(port, '127.0.0.1');
  sockets.add(socket);
  await Promise.all([once(socket, 'connect'), accepted]);
  return socket;
}

const gracefulShutdown = (timeoutMs: number) =>
  new GracefulShutdown(
    {
      markNotServing: () => connections.startDraining(),
      deregister: async () => {},
      drain: (forceSignal) => connections.drain(forceSignal),
    },
    { drainTimeoutMs: timeoutMs },
  );
const startShutdown = (timeoutMs = 20_000) => gracefulShutdown(timeoutMs).close('test');
const connectionRefused = { code: 'ECONNREFUSED' };

describe('the shutdown of an HTTP server', () => {
  it('under load on 60 kept-alive connections: no request fails, and every connection gets Connection: close', async () => {
    const failures: unknown[] = [];
    let responses = 0;
    const worker = async () => {
      const agent = keepAliveAgent();
      for (;;) {
        const { connection } = await sendRequest(agent);
        responses += 1;
        if (connection === 'close') return;
        // Most connections are idle at any time: a plain server.close() would reset those.
        await new Promise((resolve) => setTimeout(resolve, Math.random() * 100));
      }
    };
    const workers = Array.from({ length: 60 }, () =>
      worker().catch((error: unknown) => failures.push(error)),
    );
    await vi.waitFor(() => expect(responses).toBeGreaterThan(600), { timeout: 20_000 });
    const shutdown = startShutdown();
    await Promise.all(workers);
    expect(failures).toEqual([]);
    expect(await shutdown).toBe('drained');
    await expect(sendRequest(keepAliveAgent())).rejects.toMatchObject(connectionRefused);
  });

  it('keeps listening while connections are open: a new one gets a response with Connection: close', async () => {
    await sendRequest(keepAliveAgent());
    const shutdown = startShutdown();
    expect(await sendRequest(keepAliveAgent())).toEqual({ text: 'ok', connection: 'close' });
    expect(await shutdown).toBe('drained');
  });

  it('a request in flight completes after the server no longer listens', async () => {
    const received = new Promise<ServerResponse>((resolve) => {
      const previous = handler;
      handler = (_, response) => {
        handler = previous;
        resolve(response);
      };
    });
    const pending = sendRequest(keepAliveAgent());
    const response = await received;
    const shutdown = startShutdown();
    const closed = once(server, 'close');
    await vi.waitFor(() => expect(sendRequest(keepAliveAgent())).rejects.toMatchObject(connectionRefused), {
      timeout: 20_000,
    });
    response.end('late');
    expect(await pending).toEqual({ text: 'late', connection: 'close' });
    await closed;
    expect(await shutdown).toBe('drained');
  });

  it('idle and unused connections do not delay it', async () => {
    const agent = keepAliveAgent();
    await sendRequest(agent);
    const unused = await openUnusedConnection();
    const closed = once(unused, 'close');
    expect(await startShutdown()).toBe('drained');
    await closed;
    await expect(sendRequest(agent)).rejects.toMatchObject(connectionRefused);
  });

  it('requests in flight after the timeout are cut off', async () => {
    handler = () => {};
    const failure = sendRequest(keepAliveAgent()).catch((error: unknown) => error);
    await once(server, 'request');
    expect(await startShutdown(200)).toBe('forced');
    expect(await failure).toMatchObject({ code: 'ECONNRESET' });
  });

  it('force() cuts off requests in flight', async () => {
    handler = () => {};
    const failure = sendRequest(keepAliveAgent()).catch((error: unknown) => error);
    await once(server, 'request');
    const shutdown = gracefulShutdown(600_000);
    const result = shutdown.close('test');
    shutdown.force();
    expect(await result).toBe('forced');
    expect(await failure).toMatchObject({ code: 'ECONNRESET' });
  });

  it('upgraded connections do not delay it', async () => {
    server.on('upgrade', (_request, socket: Socket) => {
      socket.on('error', () => {});
      socket.write('HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: echo\r\n\r\n');
    });
    const socket = await openUnusedConnection();
    socket.on('error', () => {});
    socket.write('GET / HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\nUpgrade: echo\r\n\r\n');
    await once(socket, 'data');
    const closed = once(socket, 'close');
    expect(await startShutdown()).toBe('drained');
    await closed;
  });
});

it.runIf(hasOpenssl('connections over TLS'))(
  'over TLS: kept-alive connections get Connection: close',
  async () => {
    const tlsServer = createTlsServer(certificateFor('localhost'), (_, response) => response.end('ok'));
    tlsServer.listen(0, '127.0.0.1');
    await once(tlsServer, 'listening');
    const { port: tlsPort } = tlsServer.address() as AddressInfo;
    const agent = new TlsAgent({ keepAlive: true, maxSockets: 1, rejectUnauthorized: false });
    const request = async () => {
      const [response] = (await once(getTls({ port: tlsPort, agent }), 'response')) as [IncomingMessage];
      await once(response.resume(), 'end');
      return response.headers.connection;
    };
    const secure = new HttpConnections(tlsServer);
    expect(await request()).toBe('keep-alive');
    secure.startDraining();
    const result = secure.drain(new AbortController().signal);
    // It keeps listening for the connection that is open.
    expect(await request()).toBe('close');
    expect(await result).toBe('drained');
    agent.destroy();
  },
);
