import { once } from 'node:events';
import { createServer as createHttpServer } from 'node:http';
import { type AddressInfo, createServer } from 'node:net';
import { networkInterfaces } from 'node:os';
import { Server, ServerCredentials } from '@grpc/grpc-js';
import type { ConsulOptions } from '@rollcall/discovery/consul';
import { registryForTests, type RegistryServer, startRegistryAt, until } from '@rollcall/tools';
import { HealthImplementation } from 'grpc-health-check';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { ConsulBench } from './consul-bench.js';
import { someInstance } from './sessions.js';

/** A server that serves, until it is told not to. */
interface Peer {
  readonly port: number;
  serve(serves: boolean): Promise<void>;
  stop(): Promise<void>;
}

/** Health as any gRPC server tells it; it goes on answering when it does not serve. */
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

/** Does not serve by not being there. */
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

/** This machine, as the agent sees it: a container is not on our loopback. */
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

describe.each(['current', 'old'] as const)('Consul (%s) checks an instance itself', async (version) => {
  const location = await registryForTests('consul', { version, prefer: ['binary', 'container'] });

  describe.skipIf(!location)('is there', () => {
    let bench: ConsulBench;
    let peer: Peer | undefined;
    beforeAll(async () => {
      if (location) bench = new ConsulBench(await startRegistryAt(location));
    });
    afterEach(async () => {
      await bench.tidy();
      await peer?.stop();
      peer = undefined;
    });
    afterAll(() => bench?.server.stop());

    it.each(kinds)(
      'by %s: passing while it serves, out of the list while it does not',
      async (_, open, check) => {
        peer = await open();
        const instance = someInstance({ host: ownHost(bench.server), port: peer.port });
        const watching = bench.watch('inventory');
        await bench.announce(instance, bench.consul({ check: check as NonNullable<typeof check> }));
        const { id } = instance;
        const checked = async () =>
          (await bench.entry(id))?.Checks.find(({ CheckID }) => CheckID === `service:${id}`);
        // It is registered as passing; what it says comes with the first run.
        await until(async () => (await checked())?.Output, {
          deadlineMs: 15_000,
          describe: () => 'the check to run',
        });
        expect(await checked()).toMatchObject({ Status: 'passing' });
        await watching.untilHas(id);

        await peer.serve(false);
        await watching.untilHasNot(id);
        expect(await checked()).toMatchObject({ Status: 'critical' });

        await peer.serve(true);
        await watching.untilHas(id);
      },
    );
  });
});
