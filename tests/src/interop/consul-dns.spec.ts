import { Resolver } from 'node:dns/promises';
import { openRegistry, type Registry } from '@rollcall/discovery';
import { registerResolver } from '@rollcall/discovery/grpc';
import { freePort, registryForTests, type RegistryServer, startRegistryAt, until } from '@rollcall/tools';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { OurClient, OurServer } from './greeter.js';

// The DNS port of a container is not published.
const location = await registryForTests('consul', { prefer: ['binary', 'image'] });

describe.skipIf(!location)("our servers in Consul's DNS", () => {
  let server: RegistryServer;
  let dns: string;
  let registry: Registry;
  const resolver = new Resolver({ timeout: 1_000, tries: 3 });
  const cleanups: (() => Promise<void>)[] = [];
  beforeAll(async () => {
    const port = await freePort();
    dns = `127.0.0.1:${port}`;
    resolver.setServers([dns]);
    server = await startRegistryAt(location!, { args: [`-dns-port=${port}`] });
    registry = await openRegistry(server.url);
  });
  afterEach(async () => {
    for (const cleanUp of cleanups.splice(0)) await cleanUp();
  });
  afterAll(async () => {
    await registry?.close();
    await server?.stop();
  });

  const serve = async (service: string, more = {}) => {
    const ours = await OurServer.start(registry, service, more);
    cleanups.push(() => ours.close());
    return ours;
  };
  const portOf = ({ address }: OurServer) => Number(address.split(':')[1]);
  /** The ports and weights in the SRV records of a name; none for NXDOMAIN. */
  const srv = async (name: string) => {
    const records = await resolver.resolveSrv(name).catch((error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOTFOUND') return [];
      throw error;
    });
    return records.map(({ port, weight }) => ({ port, weight }));
  };
  const byPort = (records: readonly { readonly port: number; readonly weight: number }[]) =>
    records.toSorted((a, b) => a.port - b.port);

  it('the resolver of Node finds their ports, weights and addresses, by tag, too; not those that shut down', async () => {
    const [one, two] = [
      await serve('inventory', { weight: 7 }),
      await serve('inventory', { tags: ['canary'] }),
    ];
    const expected = [
      { port: portOf(one), weight: 7 },
      { port: portOf(two), weight: 1 },
    ];
    const [record] = await resolver.resolveSrv('inventory.service.consul');
    expect(await resolver.resolve4(record!.name)).toEqual(['127.0.0.1']);
    expect(byPort(await srv('inventory.service.consul'))).toEqual(byPort(expected));
    expect(await srv('_inventory._canary.service.consul')).toEqual([expected[1]]);
    await one.close();
    expect(await srv('inventory.service.consul')).toEqual([expected[1]]);
    await two.close();
    expect(await srv('inventory.service.consul')).toEqual([]);
  });

  it('our client of srv:// calls them; one shuts down, another one registers: no call fails', async () => {
    const srvRegistry = await openRegistry(
      `srv://${dns}/{service}.service.consul?minIntervalMs=50&maxIntervalMs=100`,
    );
    cleanups.push(() => srvRegistry.close());
    registerResolver(srvRegistry);
    const [one, two] = [await serve('called'), await serve('called')];
    const client = new OurClient('srv', 'called');
    cleanups.unshift(() => client.close());
    for (const { answer } of [one, two]) await client.results.untilAnswered(answer);
    await one.close();
    const three = await serve('called');
    await client.results.untilAnswered(three.answer);
    await until(async () => !(await client.results.next(20)).includes(one.answer), {
      deadlineMs: 10_000,
      describe: () => 'the server that shut down not to be called',
    });
    expect(new Set(client.results.all)).toEqual(new Set([one.answer, two.answer, three.answer]));
  });
});
