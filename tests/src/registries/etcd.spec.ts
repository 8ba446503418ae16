import { addressOf } from '@rollcall/discovery';
import type { EtcdFormatName } from '@rollcall/discovery/etcd';
import { registryForTests, startRegistryAt, until } from '@rollcall/tools';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { someInstance } from './sessions.js';
import { EtcdBench, etcdRecord, keyOf } from './etcd-bench.js';

describe.each(['current', 'old'] as const)('etcd (%s)', async (version) => {
  const location = await registryForTests('etcd', { version });

  describe.skipIf(!location)('is there', () => {
    let bench: EtcdBench;

    beforeAll(async () => {
      if (location) bench = new EtcdBench(await startRegistryAt(location));
    });
    afterEach(() => bench.tidy());
    afterAll(() => bench?.server.stop());

    describe('an instance', () => {
      it('that is announced is seen with every field', async () => {
        const instance = someInstance({
          weight: 7,
          tags: ['canary'],
          metadata: { team: 'stock', note: 'ü'.repeat(2_000) },
          protocol: 'grpc',
          version: '1.4.0',
          zone: 'eu-1a',
        });
        const watching = bench.watch('inventory');
        await bench.announce(instance);
        expect(await watching.untilHas(instance.id)).toEqual(instance);
      });

      it('that leaves is seen draining, and then not at all, and leaves no lease', async () => {
        const watching = bench.watch('inventory');
        const announcing = await bench.announce();
        const { id } = await watching.untilHas(announcing.instance.id);
        const lease = await bench.leaseOf(announcing.instance);
        await announcing.leave();
        await watching.untilHasNot(id);
        const last = watching.sets.flatMap(({ instances }) => instances).findLast((each) => each.id === id);
        expect(last).toMatchObject({ draining: true });
        expect(await bench.leases()).not.toContain(lease);
      });

      it('whose record is deleted is lost, and says why', async () => {
        const announcing = await bench.announce();
        await bench.delete(keyOf(announcing.instance));
        expect((await announcing.failure()).message).toMatch(/^REGISTRATION_LOST: .*was deleted/);
      });

      it('whose lease is revoked is lost', async () => {
        const announcing = await bench.announce();
        await bench.api('lease/revoke', { ID: await bench.leaseOf(announcing.instance) });
        expect((await announcing.failure()).code).toBe('REGISTRATION_LOST');
      });

      it('is put over its older record under a new lease, and stays when the old one expires', async () => {
        const backend = bench.etcd();
        const changed = await bench.announce(someInstance(), backend);
        const { instance } = changed;
        const oldLease = await bench.leaseOf(instance);
        await bench.put(keyOf(instance), etcdRecord(1), oldLease);
        expect((await changed.failure()).message).toMatch(/^REGISTRATION_LOST: .*was overwritten/);

        await bench.announce(instance, backend);
        const watching = bench.watch('inventory');
        await watching.untilHas(instance.id);
        const seen = watching.sets.length;
        await until(async () => !(await bench.leases()).includes(oldLease), {
          deadlineMs: 10_000,
          describe: () => `lease ${oldLease} to expire`,
        });
        // What comes later is seen, and a removal would have been.
        const later = await bench.announce();
        await watching.untilHas(later.instance.id);
        for (const { instances } of watching.sets.slice(seen)) {
          expect(instances.map(({ id }) => id)).toContain(instance.id);
        }
      });

      it('whose record a stranger takes is a conflict, and has it back when it announces itself again', async () => {
        const backend = bench.etcd();
        const first = await bench.announce(someInstance(), backend);
        const lease = await bench.grant(60);
        await bench.put(keyOf(first.instance), etcdRecord(1), lease);
        expect((await first.failure()).message).toMatch(
          new RegExp(`^CONFLICT: .*overwritten by another instance \\(lease ${lease}\\).*an id of its own`),
        );
        await bench.announce(first.instance, backend, first.record);
        await bench.api('lease/revoke', { ID: lease });
        await bench.watch('inventory').untilHas(first.instance.id, { port: first.instance.port });
      });

      it('whose id a living one has elsewhere is refused, without a write', async () => {
        const second = someInstance();
        await bench.put(keyOf(second), etcdRecord(1), await bench.grant(60));
        const leases = await bench.leases();
        await expect(bench.announce(second)).rejects.toThrow(/^CONFLICT: .*give each instance/);
        expect(await bench.leases()).toEqual(leases);
        await bench.watch('inventory').untilHas(second.id, { port: 1 });
      });

      it('takes over what an earlier boot has left at its address', async () => {
        const instance = someInstance();
        await bench.put(keyOf(instance), etcdRecord(instance.port), await bench.grant(60));
        await bench.announce(instance);
        expect(await bench.watch('inventory').untilHas(instance.id)).toEqual(instance);
      });

      it('takes over what nobody keeps alive', async () => {
        const instance = someInstance();
        await bench.put(keyOf(instance), etcdRecord(1));
        await bench.announce(instance);
        expect(await bench.watch('inventory').untilHas(instance.id)).toEqual(instance);
      });
    });

    describe('a watch', () => {
      it('that begins while others write misses nothing', async () => {
        const backend = bench.etcd();
        const alive = new Set<string>();
        for (let n = 0; n < 200; n++) {
          if (n % 20 === 0) bench.watch('inventory', backend);
          const id = `written-${n}`;
          await bench.put(`inventory/${id}`, etcdRecord(20_000 + n));
          alive.add(id);
          if (n % 3 === 0) continue;
          await bench.delete(`inventory/written-${n - 1}`);
          alive.delete(`written-${n - 1}`);
        }
        const ids = [...alive].toSorted();
        for (const watching of bench.watchings) {
          await watching.until(`${ids.length} instances`, (instances) => {
            const seen = instances.map(({ id }) => id).toSorted();
            return seen.length === ids.length && seen.every((id, i) => id === ids[i]);
          });
        }
      });

      it('begins with all there is, however much', async () => {
        const many = Array.from({ length: 2_500 }, (_, n) => ({
          key: `inventory/many-${n}`,
          value: etcdRecord(20_000 + n),
        }));
        await bench.putAll(many);
        const watching = bench.watch('inventory');
        await watching.until('a first set', () => true);
        expect(watching.sets[0]?.instances).toHaveLength(many.length);
      });

      it('leaves out what it cannot read, says so once for each, and shows the rest', async () => {
        const junk = Array.from({ length: 1_200 }, (_, n) => ({
          key: `inventory/junk-${n}`,
          value: '{"Op":',
        }));
        await bench.putAll(junk);
        const watching = bench.watch('inventory');
        const { instance } = await bench.announce();
        await watching.until('the instance alone', ([only, other]) => only?.id === instance.id && !other);
        expect(watching.rejected.toSorted()).toEqual(junk.map(({ key }) => key).toSorted());

        await bench.put('inventory/junk-0', 'x'.repeat(1_400_000));
        await bench.put('inventory/junk-1', etcdRecord(20_001));
        await watching.untilHas('junk-1');
        expect(watching.rejected.slice(junk.length)).toEqual(['inventory/junk-0']);

        await bench.put('inventory/junk-1', '{"__proto__":{"Addr":"127.0.0.1:1"}}');
        await watching.untilHasNot('junk-1');
        await watching.untilHas(instance.id);
      });

      it('of all services has each under its name, and passes over what is none', async () => {
        for (const key of ['flags', '/registry/pods/a', 'inventory/']) await bench.put(key, 'not for us');
        const catalogue = bench.watch();
        const [a, b] = [await bench.announce(), await bench.announce(someInstance({ service: 'review' }))];
        const both = [a, b].map(({ instance }) => keyOf(instance));
        await catalogue.until('both', (all) => both.every((key) => all.some((one) => keyOf(one) === key)));
        expect(catalogue.rejected).toEqual([]);
        await b.leave();
        await catalogue.untilHasNot(b.instance.id);
        await catalogue.untilHas(a.instance.id);
      });

      it('that has ended leaves no watcher in etcd', async () => {
        const backend = bench.etcd();
        const watchers = () => bench.metric('etcd_debugging_mvcc_watcher_total');
        const before = await watchers();
        for (let round = 0; round < 20; round++) {
          const watchings = Array.from({ length: 10 }, () => bench.watch('inventory', backend));
          await Promise.all(watchings.map((each) => each.until('a first set', () => true)));
          expect(await watchers()).toBe(before + watchings.length);
          await Promise.all(watchings.map((each) => each.stop()));
        }
        await until(async () => (await watchers()) === before, {
          deadlineMs: 10_000,
          describe: () => 'etcd to have as many watchers as before',
        });
      });
    });

    describe('a registry that another system fills, too', () => {
      it.each<[EtcdFormatName, object, string, RegExp]>([
        ['grpc', {}, 'inventory/ID', /^\{"Op":0,"Addr":"ADDRESS","Metadata":".*"\}$/],
        ['plain', {}, '/inventory/ADDRESS', /^ADDRESS$/],
        ['plain', { prefix: '/seen/', keyedBy: 'id' }, '/seen/inventory/ID', /^ADDRESS$/],
        ['kratos', {}, '/microservices/inventory/ID', /"endpoints":\["grpc:\/\/ADDRESS\?isSecure=false"\]/],
        ['go-zero', {}, 'inventory/ID', /^ADDRESS$/],
        ['kitex', {}, 'kitex/registry-etcd/inventory/ADDRESS', /"network":"tcp","address":"ADDRESS"/],
      ])(
        'in the format %s %j finds ours where it looks, and we find it',
        async (format, more, key, value) => {
          const backend = bench.etcd({ format, ...more });
          const watching = bench.watch('inventory', backend);
          const announcing = await bench.announce(someInstance(), backend);
          const { id, host, port } = announcing.instance;
          const address = addressOf({ host, port });
          const [stored] = await bench.get(key.replace('ID', id).replace('ADDRESS', address));
          expect(stored?.value.replaceAll(address, 'ADDRESS')).toMatch(value);
          await watching.until('the address', (all) => all.some((each) => addressOf(each) === address));
          await announcing.leave();
          await watching.until('nobody', (all) => all.length === 0);
        },
      );
    });
  });
});
