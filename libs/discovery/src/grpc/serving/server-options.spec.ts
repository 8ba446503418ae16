import { once } from 'node:events';
import { connect as connectHttp2 } from 'node:http2';
import { connect } from 'node:net';
import { Server, ServerCredentials } from '@grpc/grpc-js';
import { afterEach, describe, expect, it } from 'vitest';
import { type ConnectionLimits, serverOptions } from './server-options.js';

const servers: Server[] = [];
afterEach(() => {
  for (const server of servers.splice(0)) server.forceShutdown();
});

async function listen(connections?: ConnectionLimits): Promise<number> {
  const server = new Server(serverOptions(connections));
  servers.push(server);
  return new Promise((resolve, reject) => {
    server.bindAsync('127.0.0.1:0', ServerCredentials.createInsecure(), (error, port) =>
      error ? reject(error) : resolve(port),
    );
  });
}

describe('a server', () => {
  it('closes the connection to a client that is frozen', async () => {
    const socket = connect(await listen({ keepaliveTimeMs: 100, keepaliveTimeoutMs: 100 }), '127.0.0.1');
    socket.resume();
    // The preface of HTTP/2 and empty SETTINGS; then nothing, not even responses to pings.
    socket.write(
      Buffer.concat([
        Buffer.from('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'),
        Buffer.from([0, 0, 0, 4, 0, 0, 0, 0, 0]),
      ]),
    );
    await once(socket, 'close');
    expect(socket.destroyed).toBe(true);
  });

  it('keeps the connection to a client that responds', async () => {
    const session = connectHttp2(
      `http://127.0.0.1:${await listen({ keepaliveTimeMs: 50, keepaliveTimeoutMs: 2_000 })}`,
    );
    await once(session, 'ping');
    await once(session, 'ping');
    expect(session.closed).toBe(false);
    session.destroy();
  });

  it('sends GOAWAY on a connection that has reached its maximum age', async () => {
    const session = connectHttp2(`http://127.0.0.1:${await listen({ maxAgeMs: 100 })}`);
    const [code] = (await once(session, 'goaway')) as [number];
    expect(code).toBe(0);
  });
});

it('the defaults find a frozen client within a minute, and no connection is too old', () => {
  expect(serverOptions()).toEqual({
    'grpc.keepalive_time_ms': 30_000,
    'grpc.keepalive_timeout_ms': 20_000,
  });
});

it.each([{ maxAgeMs: 0 }, { keepaliveTimeMs: 1.5 }, { keepaliveTimeoutMs: -1 }])(
  '%j is rejected',
  (limits) => {
    expect(() => serverOptions(limits)).toThrow(
      /^INVALID_OPTION: invalid connections\.\w+ .*: use a positive integer/,
    );
  },
);
