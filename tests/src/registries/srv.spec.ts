import { openRegistry, type Registry } from '@rollcall/discovery';
import { registerResolver } from '@rollcall/discovery/grpc';
import { freePort, registryForTests, type RegistryServer, startRegistryAt, until } from '@rollcall/tools';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { consulApi } from '../environments/http-api.js';
import { ServiceInstance } from '../scenarios/calls/instance.js';
import { countResponses } from './response-counts.js';

for (const version of ['current', 'old'] as const) {
  // The DNS port of a container is not published.
  const location = await registryForTests('consul', { version, prefer: ['binary', 'image'] });

  describe.skipIf(!location)(`Consul's DNS (${version})`, () => {
    let server: RegistryServer;
    let dnsPort: number;
    const registries: Registry[] = [];
    beforeAll(async () => {
      dnsPort = await freePort();
      if (location) server = await startRegistryAt(location, { args: [`-dns-port=${dnsPort}`] });
    });
    afterEach(async () => void (await Promise.all(registries.splice(0).map((each) => each.close()))));
    afterAll(() => server?.stop());

    const register = (ID: string, record: object) =>
      consulApi(server)('PUT', 'agent/service/register', { ID, ...record });
    const open = async (names = '{service}.service.consul') => {
      const registry = await openRegistry(`srv://127.0.0.1:${dnsPort}/${names}?minIntervalMs=50`);
      registries.push(registry);
      return registry;
    };
    const watch = async (service: string, names?: string) => (await open(names)).watch(service);
    const listed = async (service: string, names?: string) => {
      const { instances } = await (await watch(service, names)).ready();
      return instances.map(({ host, port, weight }) => `${host} ${port} ${weight}`);
    };

    it('lists addresses and weights; a service without an address is at its node, an IPv6 address stays one', async () => {
      await register('a', {
        Name: 'inventory',
        Address: '192.0.2.1',
        Port: 1,
        Weights: { Passing: 7, Warning: 1 },
      });
      await register('b', { Name: 'inventory', Port: 2 });
      await register('c', { Name: 'inventory', Address: '2001:db8::1', Port: 3 });
      const expected = ['127.0.0.1 2 1', '192.0.2.1 1 7', '2001:db8::1 3 1'];
      expect(await listed('inventory')).toEqual(expected);
      expect(await listed('inventory', '_{service}._tcp.service.consul')).toEqual(expected);
      expect(await listed('inventory.service.consul')).toEqual(expected);
    });

    it('lists those with a tag under the name of RFC 2782 with that tag', async () => {
      await register('d', { Name: 'tagged', Address: '192.0.2.1', Port: 1, Tags: ['canary'] });
      await register('e', { Name: 'tagged', Address: '192.0.2.2', Port: 2 });
      expect(await listed('tagged', '_{service}._canary.service.consul')).toEqual(['192.0.2.1 1 1']);
    });

    it('follows the checks: a critical instance is not listed, in maintenance neither', async () => {
      for (const [ID, Port] of [
        ['f', 1],
        ['g', 2],
        ['h', 3],
      ] as const)
        await register(ID, {
          Name: 'checked',
          Address: '192.0.2.1',
          Port,
          Check: { TTL: '600s', Status: 'passing' },
        });
      const checked = await watch('checked');
      const untilPorts = (...ports: number[]) =>
        until(() => checked.current.instances.map(({ port }) => port).join() === ports.join(), {
          deadlineMs: 10_000,
          describe: () => `${ports.join()}; ${JSON.stringify(checked.why())}`,
        });
      await untilPorts(1, 2, 3);
      await consulApi(server)('PUT', 'agent/check/fail/service:f');
      await untilPorts(2, 3);
      await consulApi(server)('PUT', 'agent/check/pass/service:f');
      await untilPorts(1, 2, 3);
      await consulApi(server)('PUT', 'agent/service/maintenance/g?enable=true');
      await untilPorts(1, 3);
    });

    // The weights that DNS has are compared for both versions above.
    it.runIf(version === 'current')(
      'weights of 3 and 1 give responses of 3 to 1, within 2 %, with the weighted policy',
      async () => {
        const ids = ['three', 'one'];
        const instances = await Promise.all(
          ids.map((id, i) =>
            ServiceInstance.start({
              registryUrl: server.url,
              service: 'uneven',
              id,
              host: '127.0.0.1',
              weight: 3 - 2 * i,
            }),
          ),
        );
        const registry = await open();
        const unregister = registerResolver(registry);
        try {
          await Promise.all(instances.map((instance) => instance.serve()));
          const [three = 0, one = 0] = await countResponses('srv:///uneven', ids, 1_000, {
            loadBalancing: 'weighted',
          });
          expect(three + one).toBe(1_000);
          expect(Math.abs(three / 1_000 - 0.75)).toBeLessThanOrEqual(0.02);
        } finally {
          unregister();
          await Promise.all(instances.map((instance) => instance.kill()));
        }
      },
    );

    it('leaves out a record whose host name Consul does not resolve, and reports it', async () => {
      await register('i', { Name: 'named', Address: 'db.example.org', Port: 1 });
      await register('j', { Name: 'named', Address: '192.0.2.1', Port: 2 });
      const named = await watch('named');
      expect((await named.ready()).instances.map(({ port }) => port)).toEqual([2]);
      expect(named.why().rejected.last).toEqual([
        { key: 'SRV target db.example.org', reason: expect.stringContaining('has no address') },
      ]);
    });
  });
}
