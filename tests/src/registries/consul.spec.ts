import { registryForTests, startRegistryAt, until } from '@rollcall/tools';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { ConsulBench, type Entry } from './consul-bench.js';
import { Announcing, someInstance, Watching } from './sessions.js';

describe.each(['current', 'old'] as const)('Consul (%s)', async (version) => {
  const location = await registryForTests('consul', { version });

  describe.skipIf(!location)('is there', () => {
    let bench: ConsulBench;

    beforeAll(async () => {
      if (location) bench = new ConsulBench(await startRegistryAt(location));
    });
    afterEach(() => bench.tidy());
    afterAll(() => bench?.server.stop());

    describe('an instance', () => {
      it('that is announced is seen with every field, and its weight is written', async () => {
        const instance = someInstance({
          weight: 7,
          tags: ['canary'],
          metadata: { team: 'stock', 'build.url': 'https://ci/1', note: 'ü'.repeat(2_000) },
          protocol: 'grpc',
          version: '1.4.0',
          zone: 'eu-1a',
        });
        const watching = bench.watch('inventory');
        await bench.announce(instance);
        expect(await watching.untilHas(instance.id)).toEqual(instance);
        expect((await bench.entry(instance.id))?.Service.Weights.Passing).toBe(7);
      });

      it('is written over its older record, and the list is never without it', async () => {
        const { id, port } = someInstance();
        await bench.put({ ID: id, Port: port, Tags: ['old'] });
        const watching = bench.watch('inventory');
        await watching.untilHas(id);
        const before = watching.sets.length;
        await bench.announce(someInstance({ id, port }));
        await watching.until('the new record', (all) =>
          all.some((each) => each.id === id && each.tags.length === 0),
        );
        for (const { instances } of watching.sets.slice(before)) {
          expect(instances.map((each) => each.id)).toContain(id);
        }
      });

      it('that leaves is seen draining, and then not at all', async () => {
        const watching = bench.watch('inventory');
        const announcing = await bench.announce();
        const { id } = announcing.instance;
        await watching.untilHas(id);
        await announcing.leave();
        await watching.untilHasNot(id);
        const last = watching.sets.flatMap(({ instances }) => instances).findLast((each) => each.id === id);
        expect(last).toMatchObject({ draining: true });
        expect(await bench.api('GET', 'agent/services')).not.toHaveProperty([id]);
      });

      it('whose record an operator deregisters at the agent is lost, long before its next pass', async () => {
        const announcing = await bench.announce(someInstance(), bench.consul({ ttlMs: 300_000 }));
        await bench.api('PUT', `agent/service/deregister/${announcing.instance.id}`);
        expect((await announcing.failure()).message).toMatch(
          /^REGISTRATION_LOST: .*(it was removed|does not know it)/,
        );
      });

      it('whose record is deleted from the catalogue is lost, and is written again with its check', async () => {
        const instance = someInstance();
        const errors: unknown[] = [];
        // More than once: an agent may sync of its own accord at just that moment, and then nothing is lost.
        for (let n = 0; n < 3; n++) {
          const announcing = await bench.announce(instance);
          const { Node, Service, Checks } = (await bench.entry(instance.id)) as Entry;
          expect(Checks.map(({ CheckID }) => CheckID)).toContain(`service:${instance.id}`);
          await bench.api('PUT', 'catalog/deregister', { Node: Node.Node, ServiceID: instance.id });
          const synced = async () => {
            const now = await bench.entry(instance.id);
            return now !== undefined && now.Service.CreateIndex !== Service.CreateIndex;
          };
          await until(async () => announcing.error !== undefined || (await synced()), {
            deadlineMs: 10_000,
            describe: () => 'the record to be lost',
          });
          if (announcing.error) errors.push(announcing.error.code);
          else await announcing.leave();
        }
        expect(new Set(errors)).toEqual(new Set(['REGISTRATION_LOST']));
      });

      it('whose check alone is removed is lost, since nothing would tell of its death', async () => {
        const announcing = await bench.announce(someInstance(), bench.consul({ ttlMs: 300_000 }));
        await bench.api('PUT', `agent/check/deregister/service:${announcing.instance.id}`);
        expect((await announcing.failure()).message).toMatch(
          /^REGISTRATION_LOST: .*(its check|does not know it)/,
        );
      });

      it('whose id another living instance holds is refused, and leaves that record alone', async () => {
        const first = await bench.announce();
        const second = new Announcing(bench.consul(), someInstance({ id: first.instance.id }));
        expect((await second.failure()).message).toMatch(/^CONFLICT: .*give each instance an id of its own/);
        await second.leave();
        expect(await bench.watch('inventory').untilHas(first.instance.id)).toEqual(first.instance);
      });

      it('whose id is overwritten takes it back when it was first, and the other is refused', async () => {
        const { id, port } = someInstance();
        const first = await bench.announce(someInstance({ id, port, registeredAt: 1_000 }));
        await bench.put({
          ID: id,
          Port: port + 1_000,
          Meta: { rollcall: 'rollcall', 'rollcall-registered-at': '2000' },
        });
        expect((await first.failure()).code).toBe('CONFLICT');
        const again = await bench.announce(first.instance);
        const other = new Announcing(bench.consul(), someInstance({ id, registeredAt: 2_000 }));
        expect((await other.failure()).code).toBe('CONFLICT');
        await bench.watch('inventory').untilHas(id, { port: again.instance.port });
      });

      it.each([
        ['of the same address', (port: number) => port, 'passing'],
        ['that is critical', (port: number) => port + 1_000, 'critical'],
      ])('takes over a record %s: nobody lives behind it', async (_, at, status) => {
        const { id, port } = someInstance();
        await bench.put({ ID: id, Port: at(port), Tags: ['old'] }, status);
        await bench.announce(someInstance({ id, port }), bench.consul({ ttlMs: 300_000 }));
        expect(await bench.watch('inventory').untilHas(id, { port })).toMatchObject({ tags: [] });
      });

      it('that stops passing is dropped after its TTL', async () => {
        const watching = bench.watch('inventory');
        const announcing = await bench.announce(someInstance(), bench.consul({ ttlMs: 300_000 }));
        await watching.untilHas(announcing.instance.id);
        const { id, port } = someInstance();
        await bench.put({ ID: id, Port: port, Check: { TTL: '1s', Status: 'passing' } });
        await watching.untilHas(id);
        await watching.untilHasNot(id);
        await watching.untilHas(announcing.instance.id);
        await bench.api('PUT', `agent/service/deregister/${id}`);
      });

      it.each(['tcp', 'http'] as const)(
        'with a %s check is asked by the agent itself, and stays',
        async (kind) => {
          // The agent's own HTTP port, as it sees it, is a peer that is sure to answer.
          const port = bench.server.how === 'container' ? 8_500 : bench.server.port;
          const check = { kind, intervalMs: 1_000, ...(kind === 'http' && { path: '/v1/status/leader' }) };
          const { instance } = await bench.announce(someInstance({ port }), bench.consul({ check }));
          const state = async () => {
            const checks = (await bench.api('GET', 'agent/checks')) as Record<
              string,
              Entry['Checks'][number]
            >;
            return checks[`service:${instance.id}`];
          };
          await until(async () => (await state())?.Output !== '', {
            deadlineMs: 10_000,
            describe: () => 'the check to run',
          });
          expect(await state()).toMatchObject({ Status: 'passing' });
        },
      );

      it.each(['tcp', 'http', 'grpc'] as const)(
        'with a %s check that nobody answers is dropped',
        async (kind) => {
          const watching = bench.watch('inventory');
          const { instance } = await bench.announce(
            someInstance(),
            bench.consul({ check: { kind, intervalMs: 1_000 } }),
          );
          await watching.untilHasNot(instance.id);
          expect((await bench.entry(instance.id))?.Checks.map(({ Type }) => Type)).toContain(kind);
        },
      );
    });

    describe('a watch', () => {
      it('keeps an instance that warns, and drops one that is critical', async () => {
        const watching = bench.watch('inventory');
        const { instance } = await bench.announce(someInstance(), bench.consul({ ttlMs: 300_000 }));
        const { id } = instance;
        await watching.untilHas(id);
        await bench.api('PUT', `agent/check/warn/service:${id}`);
        await until(async () => (await bench.entry(id))?.Checks.some(({ Status }) => Status === 'warning'), {
          deadlineMs: 5_000,
          describe: () => 'the warning',
        });
        await watching.untilHas(id);
        await bench.api('PUT', `agent/check/fail/service:${id}`);
        await watching.untilHasNot(id);
        await bench.api('PUT', `agent/check/pass/service:${id}`);
        await watching.untilHas(id);
      });

      it('sees maintenance of an instance, and of its node, as draining', async () => {
        const watching = bench.watch('inventory');
        const { id } = (await bench.announce()).instance;
        for (const path of [`agent/service/maintenance/${id}`, 'agent/maintenance']) {
          await bench.api('PUT', `${path}?enable=true&reason=by+hand`);
          await watching.untilHas(id, { draining: true });
          await bench.api('PUT', `${path}?enable=false`);
          await watching.untilHas(id);
        }
      });

      it('leaves out a record that nobody could call, and goes on', async () => {
        const watching = bench.watch('inventory');
        const { id } = someInstance();
        await bench.put({ ID: id, Port: 0 });
        const { instance } = await bench.announce();
        await watching.untilHas(instance.id);
        expect(watching.rejected).toEqual([expect.stringContaining(`/${id}`)]);
        await bench.api('PUT', `agent/service/deregister/${id}`);
      });

      it('of goods sees nothing of goods2', async () => {
        await bench.announce(someInstance({ service: 'goods2' }));
        const watching = bench.watch('goods');
        const { id } = (await bench.announce(someInstance({ service: 'goods' }))).instance;
        await watching.untilHas(id);
        expect(watching.sets.flatMap(({ instances }) => instances).map((each) => each.service)).not.toContain(
          'goods2',
        );
      });

      it('of everything sees every service, and its changes, from one request at a time', async () => {
        const watching = bench.watch();
        const goods = await bench.announce(someInstance({ service: 'goods' }));
        const inventory = await bench.announce(someInstance());
        await watching.untilHas(goods.instance.id);
        expect(await watching.untilHas(inventory.instance.id)).toEqual(inventory.instance);
        await goods.leave();
        await watching.untilHasNot(goods.instance.id);
        expect(watching.sets.at(-1)?.instances.map((each) => each.service)).not.toContain('consul');
      });

      it('opened and ended many times leaves no socket behind', async () => {
        const sockets = () =>
          process.getActiveResourcesInfo().filter((name) => name === 'TCPSocketWrap').length;
        const before = sockets();
        const own = bench.consul();
        for (let n = 0; n < 300; n++) {
          const watching = new Watching(own, 'inventory');
          if (n % 2 === 0) await watching.until('a set', () => true);
          await watching.stop();
        }
        await own.close();
        await until(() => sockets() <= before, {
          deadlineMs: 5_000,
          describe: () => `${sockets()} sockets to be ${before}`,
        });
      });
    });
  });
});
