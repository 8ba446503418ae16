import { once } from 'node:events';
import { createSecureServer, type ServerHttp2Stream } from 'node:http2';
import { type AddressInfo, createServer, type Server } from 'node:net';
import { createServer as createTlsServer } from 'node:tls';
import { connectivityState, credentials } from '@grpc/grpc-js';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { onEvent } from '../events/on-event.js';
import { certificateFor, hasOpenssl } from '../fixtures/certificates.js';
import { FaultProxy } from '../testing/fault-proxy.js';
import type { ChannelSettings } from './client/channel-options.js';
import { createGrpcClient } from './client/grpc-client.js';
import type { GrpcClient } from './client/stub-types.js';
import { type EchoClient, echoContract } from './fixtures/echo.js';

vi.setConfig({ testTimeout: 60_000 });
const waiting = { timeout: 20_000 };

const cleanups: (() => unknown)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).toReversed()) await cleanup();
});

const canTest = hasOpenssl('gRPC over TLS');

describe.runIf(canTest)('over TLS', () => {
  const name = 'echo.test';
  const certificate = canTest ? certificateFor(name) : undefined;

  /** A server on `node:http2`, which counts pings, in contrast to that of grpc-js. */
  class SecureServer {
    silent = false;
    calls = 0;
    pings = 0;
    port = 0;
    readonly #message: Buffer;

    constructor(text: string) {
      const response = Buffer.concat([Buffer.from([0x0a, text.length]), Buffer.from(text)]);
      const prefix = Buffer.from([0, 0, 0, 0, response.length]);
      this.#message = Buffer.concat([prefix, response]);
    }

    async start(): Promise<this> {
      const server = createSecureServer({ ...certificate });
      server.on('session', (session) => {
        session.on('ping', () => (this.pings += 1)).on('error', () => {});
        cleanups.push(() => session.destroy());
      });
      server.on('stream', (stream) => this.#answer(stream));
      this.port = await listen(server);
      return this;
    }

    #answer(stream: ServerHttp2Stream): void {
      this.calls += 1;
      stream.on('error', () => {});
      if (this.silent) return;
      stream.on('wantTrailers', () => stream.sendTrailers({ 'grpc-status': '0' }));
      stream.respond({ ':status': 200, 'content-type': 'application/grpc' }, { waitForTrailers: true });
      stream.end(this.#message);
    }
  }

  async function listen(server: Server): Promise<number> {
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    cleanups.push(() => server.close());
    return (server.address() as AddressInfo).port;
  }

  function client(ports: readonly number[], channel: ChannelSettings = {}): GrpcClient<EchoClient> {
    const echo = createGrpcClient(echoContract, {
      target: `static:///${ports.map((port) => `127.0.0.1:${port}`).join()}`,
      credentials: credentials.createSsl(certificate!.cert),
      channel,
      channelOptions: { 'grpc.ssl_target_name_override': name },
    });
    cleanups.push(() => echo.close());
    return echo;
  }

  /** Calls until it is true. */
  async function callUntil(echo: GrpcClient<EchoClient>, isDone: () => boolean): Promise<void> {
    await vi.waitFor(async () => {
      const calls = Array.from({ length: 10 }, () => echo.get({ text: '' }));
      for (const { text } of await Promise.all(calls)) expect(text).toMatch(/^[ab]$/);
      expect(isDone()).toBe(true);
    }, waiting);
  }

  it('an instance that answers no calls is pinged once', async () => {
    const [a, b] = [await new SecureServer('a').start(), await new SecureServer('b').start()];
    const echo = client([a.port, b.port]);
    await callUntil(echo, () => a.calls > 10 && b.calls > 10);
    expect(a.pings).toBe(0);
    a.silent = true;
    await callUntil(echo, () => a.pings > 0);
    const { calls } = b;
    await callUntil(echo, () => b.calls > calls + 50);
    expect(a.pings).toBe(1);
    expect(b.pings).toBe(0);
  });

  it('a connection that drops every packet is given up, and replaced', async () => {
    const [a, b] = [await new SecureServer('a').start(), await new SecureServer('b').start()];
    const proxy = await FaultProxy.start({ host: '127.0.0.1', port: a.port });
    cleanups.push(() => proxy.close());
    const echo = client([proxy.port, b.port], { keepaliveTimeoutMs: 500 });
    await callUntil(echo, () => a.calls > 10 && b.calls > 10);
    const states: string[] = [];
    cleanups.push(onEvent('suspicion', ({ state, instance }) => states.push(`${state} ${instance.address}`)));
    proxy.dropConnections();
    a.calls = 0;
    await callUntil(echo, () => a.calls > 10);
    expect(states.slice(0, 2)).toEqual(
      ['suspected', 'cleared'].map((state) => `${state} 127.0.0.1:${proxy.port}`),
    );
    expect(proxy.accepted).toBeGreaterThan(1);
  });

  it.each(['before the handshake of TLS', 'after it'])(
    'a connection attempt to a server that says nothing %s is given up, and tried again',
    async (when) => {
      let accepted = 0;
      const onAccepted = () => void (accepted += 1);
      const server =
        when === 'after it'
          ? createTlsServer({ ...certificate, ALPNProtocols: ['h2'] }).on('secureConnection', onAccepted)
          : createServer(onAccepted);
      const echo = client([await listen(server)], { connectTimeoutMs: 300 });
      echo.getConnectivityState(true);
      await vi.waitFor(() => expect(accepted).toBeGreaterThan(2), waiting);
      expect(echo.getConnectivityState(false)).not.toBe(connectivityState.READY);
    },
  );
});
