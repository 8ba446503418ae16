import { addressOf } from '@rollcall/discovery';
import type { EtcdFormatName } from '@rollcall/discovery/etcd';
import { registryForTests, startRegistryAt, until } from '@rollcall/tools';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { EtcdFixture, etcdRecord, keyOf } from './etcd-fixture.js';
import { newInstance } from './sessions.js';

describe.each(['current', 'old'] as const)('etcd (%s)', async (version) => {
  const location = await registryForTests('etcd', { version });

  describe.skipIf(!location)('with a real server', () => {
    let fixture: EtcdFixture;

    beforeAll(async () => {
      if (!location) return;
      fixture = new EtcdFixture(await startRegistryAt(location));
      // The first requests to a server that has just started may take seconds.
      const answers = () =>
        fixture.announce().then(
          (announcement) => announcement.deregister().then(() => true),
          () => false,
        );
      await until(answers, { deadlineMs: 20_000, describe: () => 'etcd to answer' });
    });
    afterEach(() => fixture.cleanUp());
    afterAll(() => fixture?.server.stop());

    describe('an instance', () => {
      it('registers: watchers receive every field', async () => {
        const instance = newInstance({
          weight: 7,
          tags: ['canary'],
          metadata: { team: 'stock', note: 'ü'.repeat(2_000) },
          protocol: 'grpc',
          version: '1.4.0',
          zone: 'eu-1a',
        });
        const watcher = fixture.watch('inventory');
        await fixture.announce(instance);
        expect(await watcher.untilListed(instance.id)).toEqual(instance);
      });

      it('deregisters: watchers see it draining, then removed; its lease is revoked', async () => {
        const watcher = fixture.watch('inventory');
        const announcement = await fixture.announce();
        const { id } = await watcher.untilListed(announcement.instance.id);
        const lease = await fixture.leaseOf(announcement.instance);
        await announcement.deregister();
        await watcher.untilGone(id);
        const last = watcher.sets.flatMap(({ instances }) => instances).findLast((each) => each.id === id);
        expect(last).toMatchObject({ draining: true });
        expect(await fixture.leases()).not.toContain(lease);
      });

      it('is deleted: it is lost, and the error says why', async () => {
        const announcement = await fixture.announce();
        await fixture.delete(keyOf(announcement.instance));
        expect((await announcement.failure()).message).toMatch(/^REGISTRATION_LOST: .*was deleted/);
      });

      it('loses its lease: it is lost', async () => {
        const announcement = await fixture.announce();
        await fixture.api('lease/revoke', { ID: await fixture.leaseOf(announcement.instance) });
        expect((await announcement.failure()).code).toBe('REGISTRATION_LOST');
      });

      it('replaces its older record under a new lease: it stays when the old lease expires', async () => {
        const backend = fixture.backend();
        const changed = await fixture.announce(newInstance(), backend);
        const { instance } = changed;
        const oldLease = await fixture.leaseOf(instance);
        await fixture.put(keyOf(instance), etcdRecord(1), oldLease);
        expect((await changed.failure()).message).toMatch(/^REGISTRATION_LOST: .*was overwritten/);

        await fixture.announce(instance, backend);
        const watcher = fixture.watch('inventory');
        await watcher.untilListed(instance.id);
        const seen = watcher.sets.length;
        await until(async () => !(await fixture.leases()).includes(oldLease), {
          deadlineMs: 10_000,
          describe: () => `lease ${oldLease} to expire`,
        });
        // A later change was received: a removal before it would have been, too.
        const later = await fixture.announce();
        await watcher.untilListed(later.instance.id);
        for (const { instances } of watcher.sets.slice(seen)) {
          expect(instances.map(({ id }) => id)).toContain(instance.id);
        }
      });

      it('is overwritten by another owner: CONFLICT, and it takes its record back when it registers again', async () => {
        const backend = fixture.backend();
        const first = await fixture.announce(newInstance(), backend);
        const lease = await fixture.grant(60);
        await fixture.put(keyOf(first.instance), etcdRecord(1), lease);
        expect((await first.failure()).message).toMatch(
          new RegExp(`^CONFLICT: .*overwritten by another instance \\(lease ${lease}\\).*use a unique id`),
        );
        await fixture.announce(first.instance, backend, first.record);
        await fixture.api('lease/revoke', { ID: lease });
        await fixture.watch('inventory').untilListed(first.instance.id, { port: first.instance.port });
      });

      it('has the id of another living instance: it is rejected without a write', async () => {
        const second = newInstance();
        await fixture.put(keyOf(second), etcdRecord(1), await fixture.grant(60));
        const leases = await fixture.leases();
        await expect(fixture.announce(second)).rejects.toThrow(/^CONFLICT: .*use a unique id/);
        expect(await fixture.leases()).toEqual(leases);
        await fixture.watch('inventory').untilListed(second.id, { port: 1 });
      });

      it('takes over a record with its own address', async () => {
        const instance = newInstance();
        await fixture.put(keyOf(instance), etcdRecord(instance.port), await fixture.grant(60));
        await fixture.announce(instance);
        expect(await fixture.watch('inventory').untilListed(instance.id)).toEqual(instance);
      });

      it('takes over a record without a lease', async () => {
        const instance = newInstance();
        await fixture.put(keyOf(instance), etcdRecord(1));
        await fixture.announce(instance);
        expect(await fixture.watch('inventory').untilListed(instance.id)).toEqual(instance);
      });
    });

    describe('a watch', () => {
      it('that begins during writes misses none', async () => {
        const backend = fixture.backend();
        const alive = new Set<string>();
        for (let n = 0; n < 200; n++) {
          if (n % 20 === 0) fixture.watch('inventory', backend);
          const id = `written-${n}`;
          await fixture.put(`inventory/${id}`, etcdRecord(20_000 + n));
          alive.add(id);
          if (n % 3 === 0) continue;
          await fixture.delete(`inventory/written-${n - 1}`);
          alive.delete(`written-${n - 1}`);
        }
        const ids = [...alive].toSorted();
        for (const watcher of fixture.watchers) {
          await watcher.until(`${ids.length} instances`, (instances) => {
            const seen = instances.map(({ id }) => id).toSorted();
            return seen.length === ids.length && seen.every((id, i) => id === ids[i]);
          });
        }
      });

      it('begins with all instances, over several pages', async () => {
        const many = Array.from({ length: 2_500 }, (_, n) => ({
          key: `inventory/many-${n}`,
          value: etcdRecord(20_000 + n),
        }));
        await fixture.putAll(many);
        const watcher = fixture.watch('inventory');
        await watcher.until('a first set', () => true);
        expect(watcher.sets[0]?.instances).toHaveLength(many.length);
      });

      it('leaves out unreadable records, reports each once, and lists the rest', async () => {
        const unreadable = Array.from({ length: 1_200 }, (_, n) => ({
          key: `inventory/unreadable-${n}`,
          value: '{"Op":',
        }));
        await fixture.putAll(unreadable);
        const watcher = fixture.watch('inventory');
        const { instance } = await fixture.announce();
        await watcher.until('the instance alone', ([only, other]) => only?.id === instance.id && !other);
        expect(watcher.rejected.toSorted()).toEqual(unreadable.map(({ key }) => key).toSorted());

        await fixture.put('inventory/unreadable-0', 'x'.repeat(1_400_000));
        await fixture.put('inventory/unreadable-1', etcdRecord(20_001));
        await watcher.untilListed('unreadable-1');
        expect(watcher.rejected.slice(unreadable.length)).toEqual(['inventory/unreadable-0']);

        await fixture.put('inventory/unreadable-1', '{"__proto__":{"Addr":"127.0.0.1:1"}}');
        await watcher.untilGone('unreadable-1');
        await watcher.untilListed(instance.id);
      });

      it('of the catalog lists each service under its name, and ignores other keys', async () => {
        for (const key of ['flags', '/registry/pods/a', 'inventory/']) await fixture.put(key, 'unrelated');
        const catalog = fixture.watch();
        const [a, b] = [await fixture.announce(), await fixture.announce(newInstance({ service: 'review' }))];
        const both = [a, b].map(({ instance }) => keyOf(instance));
        await catalog.until('both', (all) => both.every((key) => all.some((one) => keyOf(one) === key)));
        expect(catalog.rejected).toEqual([]);
        await b.deregister();
        await catalog.untilGone(b.instance.id);
        await catalog.untilListed(a.instance.id);
      });

      it('that is closed leaves no watcher in etcd', async () => {
        const backend = fixture.backend();
        const watcherCount = () => fixture.metric('etcd_debugging_mvcc_watcher_total');
        const before = await watcherCount();
        for (let round = 0; round < 20; round++) {
          const watchers = Array.from({ length: 10 }, () => fixture.watch('inventory', backend));
          await Promise.all(watchers.map((each) => each.until('a first set', () => true)));
          expect(await watcherCount()).toBe(before + watchers.length);
          await Promise.all(watchers.map((each) => each.stop()));
        }
        await until(async () => (await watcherCount()) === before, {
          deadlineMs: 10_000,
          describe: () => 'etcd to have as many watchers as before',
        });
      });
    });

    describe('shared with another system', () => {
      it.each<[EtcdFormatName, object, string, RegExp]>([
        ['grpc', {}, 'inventory/ID', /^\{"Op":0,"Addr":"ADDRESS","Metadata":".*"\}$/],
        ['plain', {}, '/inventory/ADDRESS', /^ADDRESS$/],
        ['plain', { prefix: '/seen/', keyedBy: 'id' }, '/seen/inventory/ID', /^ADDRESS$/],
        ['kratos', {}, '/microservices/inventory/ID', /"endpoints":\["grpc:\/\/ADDRESS\?isSecure=false"\]/],
        ['go-zero', {}, 'inventory/ID', /^ADDRESS$/],
        ['kitex', {}, 'kitex/registry-etcd/inventory/ADDRESS', /"network":"tcp","address":"ADDRESS"/],
      ])(
        'in the format %s %j: the record has its key and value, and is read back',
        async (format, more, key, value) => {
          const backend = fixture.backend({ format, ...more });
          const watcher = fixture.watch('inventory', backend);
          const announcement = await fixture.announce(newInstance(), backend);
          const { id, host, port } = announcement.instance;
          const address = addressOf({ host, port });
          const [stored] = await fixture.get(key.replace('ID', id).replace('ADDRESS', address));
          expect(stored?.value.replaceAll(address, 'ADDRESS')).toMatch(value);
          await watcher.until('the address', (all) => all.some((each) => addressOf(each) === address));
          await announcement.deregister();
          await watcher.until('nobody', (all) => all.length === 0);
        },
      );
    });
  });
});
