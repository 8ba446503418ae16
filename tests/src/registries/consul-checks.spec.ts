import { once } from 'node:events';
import { createServer as createHttpServer } from 'node:http';
import { type AddressInfo, createServer } from 'node:net';
import { networkInterfaces } from 'node:os';
import { Server, ServerCredentials } from '@grpc/grpc-js';
import type { ConsulOptions } from '@rollcall/discovery/consul';
import { registryForTests, type RegistryServer, startRegistryAt, until } from '@rollcall/tools';
import { HealthImplementation } from 'grpc-health-check';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { ConsulFixture } from './consul-fixture.js';
import { newInstance } from './sessions.js';

/** A server that can stop serving. */
interface Peer {
  readonly port: number;
  serve(serves: boolean): Promise<void>;
  stop(): Promise<void>;
}

/** The gRPC health service. It still responds when it does not serve. */
async function grpcPeer(): Promise<Peer> {
  const health = new HealthImplementation({ '': 'SERVING', shop: 'SERVING' });
  const server = new Server();
  health.addToServer(server);
  const port = await new Promise<number>((resolve, reject) => {
    server.bindAsync('0.0.0.0:0', ServerCredentials.createInsecure(), (error, bound) =>
      error ? reject(error) : resolve(bound),
    );
  });
  return {
    port,
    serve: async (serves) => health.setStatus('shop', serves ? 'SERVING' : 'NOT_SERVING'),
    stop: async () => server.forceShutdown(),
  };
}

async function httpPeer(): Promise<Peer> {
  let status = 200;
  const server = createHttpServer((request, response) => {
    response.writeHead(request.url === '/ready' ? status : 404).end();
  });
  server.listen(0, '0.0.0.0');
  await once(server, 'listening');
  return {
    port: (server.address() as AddressInfo).port,
    serve: async (serves) => void (status = serves ? 200 : 503),
    async stop() {
      server.closeAllConnections();
      server.close();
    },
  };
}

/** Closes its port when it does not serve. */
async function tcpPeer(): Promise<Peer> {
  const server = createServer((socket) => socket.destroy());
  const listen = async (port: number) => {
    server.listen(port, '0.0.0.0');
    await once(server, 'listening');
  };
  await listen(0);
  const { port } = server.address() as AddressInfo;
  return {
    port,
    async serve(serves) {
      if (serves) return listen(port);
      server.close();
      await once(server, 'close');
    },
    stop: async () => void server.close(),
  };
}

/** The address of this machine for the agent: a container has a loopback of its own. */
function ownHost({ how }: RegistryServer): string {
  if (how === 'binary') return '127.0.0.1';
  const outward = Object.values(networkInterfaces()).flatMap((addresses = []) =>
    addresses.filter(({ family, internal }) => family === 'IPv4' && !internal),
  );
  return outward[0]?.address ?? '127.0.0.1';
}

const kinds: [string, () => Promise<Peer>, ConsulOptions['check']][] = [
  ['gRPC', grpcPeer, { kind: 'grpc', service: 'shop', intervalMs: 1_000, timeoutMs: 1_000 }],
  ['HTTP', httpPeer, { kind: 'http', path: '/ready', intervalMs: 1_000, timeoutMs: 1_000 }],
  ['TCP', tcpPeer, { kind: 'tcp', intervalMs: 1_000, timeoutMs: 1_000 }],
];

describe.each(['current', 'old'] as const)('Consul (%s)', async (version) => {
  const location = await registryForTests('consul', { version, prefer: ['binary', 'container'] });

  describe.skipIf(!location)('checks an instance', () => {
    let fixture: ConsulFixture;
    let peer: Peer | undefined;
    beforeAll(async () => {
      if (location) fixture = new ConsulFixture(await startRegistryAt(location));
    });
    afterEach(async () => {
      await fixture.cleanUp();
      await peer?.stop();
      peer = undefined;
    });
    afterAll(() => fixture?.server.stop());

    it.each(kinds)('by %s: listed while it serves, removed while it does not', async (_, open, check) => {
      peer = await open();
      const instance = newInstance({ host: ownHost(fixture.server), port: peer.port });
      const watcher = fixture.watch('inventory');
      await fixture.announce(instance, fixture.backend({ check: check as NonNullable<typeof check> }));
      const { id } = instance;
      const checked = async () =>
        (await fixture.entry(id))?.Checks.find(({ CheckID }) => CheckID === `service:${id}`);
      // The check is passing from the start; its output comes with the first run.
      await until(async () => (await checked())?.Output, {
        deadlineMs: 15_000,
        describe: () => 'the check to run',
      });
      expect(await checked()).toMatchObject({ Status: 'passing' });
      await watcher.untilListed(id);

      await peer.serve(false);
      await watcher.untilGone(id);
      expect(await checked()).toMatchObject({ Status: 'critical' });

      await peer.serve(true);
      await watcher.untilListed(id);
    });
  });
});
