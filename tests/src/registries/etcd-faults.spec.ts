import { Registry, type RegistryOptions } from '@rollcall/discovery';
import { FaultProxy } from '@rollcall/discovery/testing';
import { freePort, registryForTests, startRegistryAt, until } from '@rollcall/tools';
import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { EtcdFixture, etcdRecord } from './etcd-fixture.js';
import { newInstance } from './sessions.js';

describe.each(['current', 'old'] as const)('etcd (%s)', async (version) => {
  // Not a server whose address was given: these tests kill it.
  const location = await registryForTests('etcd', { version, prefer: ['container', 'binary'] });

  // At night only: the conformance suite holds on the old version in every run.
  const tags = version === 'old' ? ['long'] : [];
  describe.skipIf(!location)('when the server', { tags }, () => {
    let fixture: EtcdFixture;
    let proxy: FaultProxy;
    const registries: Registry[] = [];

    beforeAll(async () => {
      if (location) fixture = new EtcdFixture(await startRegistryAt(location));
    });
    beforeEach(async () => {
      proxy = await FaultProxy.start(fixture.server, { port: await freePort() });
    });
    afterEach(async () => {
      await proxy.close();
      await fixture.server.start({ wipe: true });
      await Promise.all(registries.splice(0).map((registry) => registry.close()));
      await fixture.cleanUp();
    });
    afterAll(() => fixture?.server.stop());

    /** Of RFC 5737: nobody calls it, and the registry may be on another host. */
    const host = '192.0.2.1';

    /** A registry handle, through the proxy where a test breaks the network. */
    function open(hosts = [fixture.host], options: RegistryOptions = {}): Registry {
      const registry = new Registry(fixture.backend({ hosts }), { relistMs: 600_000, ...options });
      registries.push(registry);
      return registry;
    }
    const viaProxy = () => [`${proxy.host}:${proxy.port}`];

    /** An instance registered with one handle, and a watch that lists it with another. */
    async function registeredAndListed(hosts?: string[]) {
      const registration = open(hosts).register(newInstance({ host }));
      const watch = open(hosts).watch('inventory');
      await registration.registered();
      await until(() => watch.current.instances.length === 1, {
        deadlineMs: 5_000,
        describe: () => 'the instance to be listed',
      });
      const sizes: number[] = [];
      watch.onChange(({ instances }) => sizes.push(instances.length));
      const recovered = () =>
        until(() => registration.state.status === 'registered' && watch.current.source === 'live', {
          deadlineMs: 20_000,
          describe: () => `recovery; it is ${registration.state.status} and ${watch.current.source}`,
        });
      return { registration, watch, sizes, recovered };
    }
    /** Expects the watch to list an instance that registers now. */
    async function expectNewcomerListed({
      watch,
    }: Awaited<ReturnType<typeof registeredAndListed>>): Promise<void> {
      const { instance } = await fixture.announce();
      await until(() => watch.current.instances.some(({ id }) => id === instance.id), {
        deadlineMs: 5_000,
        describe: () => `${instance.id} to be listed`,
      });
    }
    const lost = ({ registration }: Awaited<ReturnType<typeof registeredAndListed>>) =>
      until(() => registration.state.status === 'lost', {
        deadlineMs: 10_000,
        describe: () => 'the registration to be lost',
      });

    it.each(['shorter', 'longer'])('is killed for %s than the TTL, the list never shrinks', async (than) => {
      const both = await registeredAndListed();
      await fixture.server.kill();
      if (than === 'longer') await lost(both);
      await fixture.server.start();
      await both.recovered();
      const lease = await fixture.leaseOf(both.registration.instance);
      // Until the first lease would have expired.
      await until(async () => (await fixture.leases()).every((each) => each === lease), {
        deadlineMs: 10_000,
        describe: () => 'all other leases to expire',
      });
      await expectNewcomerListed(both);
      expect(Math.min(...both.sizes)).toBe(1);
      expect(await fixture.get('inventory/')).toHaveLength(2);
    });

    it('loses its data after thousands of writes, the instance registers again, and newcomers are listed', async () => {
      const both = await registeredAndListed();
      for (let n = 0; n < 30; n++) {
        await fixture.putAll(Array.from({ length: 100 }, (_, i) => ({ key: `other/${i}`, value: `${n}` })));
      }
      await fixture.server.kill();
      await fixture.server.start({ wipe: true });
      await both.recovered();
      await expectNewcomerListed(both);
      expect(Math.min(...both.sizes)).toBe(1);
    });

    it('is frozen for longer than the TTL, it is noticed, and the instance registers again once', async () => {
      const both = await registeredAndListed();
      await fixture.server.freeze();
      await lost(both);
      await until(() => both.watch.current.source === 'last-known-good', {
        deadlineMs: 20_000,
        describe: () => 'the watch to notice',
      });
      await fixture.server.thaw();
      await both.recovered();
      await expectNewcomerListed(both);
      expect(await fixture.get(`inventory/${both.registration.instance.id}`)).toHaveLength(1);
    });

    it('is frozen, deregistering does not hang', async () => {
      const { registration } = await registeredAndListed();
      await fixture.server.freeze();
      const closed = registration.close().then(() => 'closed');
      const timeout = new Promise((resolve) => setTimeout(resolve, 3_000, 'timeout'));
      expect(await Promise.race([closed, timeout])).toBe('closed');
      await fixture.server.thaw();
    });

    it('is compacted while the watch is cut, the list recovers', async () => {
      const both = await registeredAndListed(viaProxy());
      await proxy.cut();
      for (let n = 0; n < 20; n++) await fixture.put('inventory/written-meanwhile', etcdRecord(20_000 + n));
      await fixture.compact();
      await proxy.restore();
      await both.recovered();
      expect(both.watch.current.instances.find(({ id }) => id === 'written-meanwhile')?.port).toBe(20_019);
      await expectNewcomerListed(both);
    });

    it('is cut off after each of its first responses, no change is missed', async () => {
      const { watch } = await registeredAndListed(viaProxy());
      for (let responses = 1; responses <= 12; responses++) {
        let left = responses;
        proxy.onResponse((_, reset) => {
          if (--left === 0) reset();
        });
        proxy.reset();
        await fixture.put('inventory/moving', etcdRecord(20_000 + responses));
        await until(() => watch.current.instances.some(({ port }) => port === 20_000 + responses), {
          deadlineMs: 10_000,
          describe: () => `the change before the reset after response ${responses}`,
        });
      }
      expect(watch.current.instances).toHaveLength(2);
    });

    it('has its connections reset every 200 ms, there are less than ten reconnects a second', async () => {
      const both = await registeredAndListed(viaProxy());
      const before = proxy.accepted;
      const from = performance.now();
      proxy.resetEvery(200);
      await new Promise((resolve) => setTimeout(resolve, 3_000));
      const perSecond = ((proxy.accepted - before) * 1_000) / (performance.now() - from);
      await proxy.restore();
      expect(perSecond).toBeLessThan(10);
      await both.recovered();
      await expectNewcomerListed(both);
    });

    it('is behind a black hole, it is noticed, and both recover when it ends', async () => {
      const both = await registeredAndListed(viaProxy());
      proxy.blackHole();
      await until(() => both.watch.current.source === 'last-known-good', {
        deadlineMs: 20_000,
        describe: () => 'the watch to notice',
      });
      await lost(both);
      await proxy.restore();
      await both.recovered();
      await expectNewcomerListed(both);
    });

    it('is replaced by a server that accepts and never responds, its connections are given up', async () => {
      const unresponsive = createServer((socket) => socket.on('error', () => {})).listen(0, '127.0.0.1');
      await once(unresponsive, 'listening');
      const both = await registeredAndListed(viaProxy());
      proxy.forwardTo({ host: '127.0.0.1', port: (unresponsive.address() as AddressInfo).port });
      proxy.reset();
      await lost(both);
      // grpc-js by itself keeps waiting on a connection whose handshake never ends.
      proxy.forwardTo(fixture.server);
      await both.recovered();
      await expectNewcomerListed(both);
      expect(Math.min(...both.sizes)).toBe(1);
      unresponsive.close();
    });

    it('is the only one of several hosts that is up, it is used', async () => {
      const dead = `127.0.0.1:${await freePort()}`;
      const both = await registeredAndListed([dead, fixture.host, dead]);
      await expectNewcomerListed(both);
      await both.registration.close();
      expect(await fixture.get(`inventory/${both.registration.instance.id}`)).toEqual([]);
    });

    it('resets its connections thirty times, no connection is leaked', async () => {
      const both = await registeredAndListed(viaProxy());
      for (let n = 0; n < 30; n++) {
        proxy.reset();
        await until(() => both.watch.current.source === 'last-known-good', {
          deadlineMs: 5_000,
          everyMs: 2,
          describe: () => 'the watch to notice',
        });
        await both.recovered();
      }
      await until(() => proxy.connections <= 2, {
        deadlineMs: 20_000,
        describe: () => `one connection for each handle; there are ${proxy.connections}`,
      });
      await expectNewcomerListed(both);
    });
  });
});
