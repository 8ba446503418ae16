import { once } from 'node:events';
import { Agent, createServer, get, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { type AddressInfo, connect, type Socket } from 'node:net';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { HttpConnections } from './http-connections.js';

vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 });

/** How the server meets a request, and what it was asked. */
let answer: (request: IncomingMessage, response: ServerResponse) => void;
let server: Server;
let connections: HttpConnections;
let port: number;
const agents = new Set<Agent>();
const sockets = new Set<Socket>();
const forceSignal = new AbortController();

beforeEach(async () => {
  answer = (_request, response) => response.end('here');
  server = createServer((request, response) => answer(request, response));
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

/** One connection, kept alive. */
function keptConnection(): Agent {
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  agents.add(agent);
  return agent;
}

function ask(agent: Agent): Promise<{ text: string; connection: string | undefined }> {
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

async function silentConnection(): Promise<Socket> {
  const accepted = once(server, 'connection');
  const socket = connect(port, '127.0.0.1');
  sockets.add(socket);
  await Promise.all([once(socket, 'connect'), accepted]);
  return socket;
}

const finish = (timeoutMs = 20_000, signal = forceSignal.signal) => {
  connections.startDraining();
  return connections.shutdown(timeoutMs, signal);
};
const refused = { code: 'ECONNREFUSED' };

describe('an HTTP server that leaves', () => {
  it('under load on 60 kept connections: no request fails, and every lane is told to go elsewhere', async () => {
    const failures: unknown[] = [];
    let answered = 0;
    const lane = async () => {
      const agent = keptConnection();
      for (;;) {
        const { connection } = await ask(agent);
        answered += 1;
        if (connection === 'close') return;
        // Most are idle at any moment: those are the ones that a server that just closes resets.
        await new Promise((resolve) => setTimeout(resolve, Math.random() * 100));
      }
    };
    const lanes = Array.from({ length: 60 }, () => lane().catch((error: unknown) => failures.push(error)));
    await vi.waitFor(() => expect(answered).toBeGreaterThan(600), { timeout: 20_000 });
    const ending = finish();
    await Promise.all(lanes);
    expect(failures).toEqual([]);
    expect(await ending).toBe('drained');
    await expect(ask(keptConnection())).rejects.toMatchObject(refused);
  });

  it('goes on to listen while connections are open: also a new one is answered, and told', async () => {
    await ask(keptConnection());
    const ending = finish();
    expect(await ask(keptConnection())).toEqual({ text: 'here', connection: 'close' });
    expect(await ending).toBe('drained');
  });

  it('a request in flight is answered, however long after the goodbye', async () => {
    const asked = new Promise<ServerResponse>((resolve) => {
      const others = answer;
      answer = (_, response) => {
        answer = others;
        resolve(response);
      };
    });
    const answering = ask(keptConnection());
    const response = await asked;
    const ending = finish();
    const closed = once(server, 'close');
    await vi.waitFor(() => expect(ask(keptConnection())).rejects.toMatchObject(refused), { timeout: 20_000 });
    response.end('at last');
    expect(await answering).toEqual({ text: 'at last', connection: 'close' });
    await closed;
    expect(await ending).toBe('drained');
  });

  it('a kept connection over which nobody asks any more, and one over which nobody ever did, do not hold it up', async () => {
    const agent = keptConnection();
    await ask(agent);
    const silent = await silentConnection();
    const closed = once(silent, 'close');
    expect(await finish()).toBe('drained');
    await closed;
    await expect(ask(agent)).rejects.toMatchObject(refused);
  });

  it('what is still in flight after the timeout, or when it is to hurry, is cut off', async () => {
    answer = () => {};
    const late = ask(keptConnection()).catch((error: unknown) => error);
    await once(server, 'request');
    expect(await finish(200)).toBe('forced');
    expect(await late).toMatchObject({ code: 'ECONNRESET' });
  });

  it('that is to hurry waits for nobody', async () => {
    answer = () => {};
    const late = ask(keptConnection()).catch((error: unknown) => error);
    await once(server, 'request');
    const impatient = new AbortController();
    const ending = finish(600_000, impatient.signal);
    impatient.abort();
    expect(await ending).toBe('forced');
    expect(await late).toMatchObject({ code: 'ECONNRESET' });
  });
});
