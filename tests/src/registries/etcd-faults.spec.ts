import { Registry, type RegistryOptions } from '@rollcall/discovery';
import { FaultProxy } from '@rollcall/discovery/testing';
import { freePort, registryForTests, startRegistryAt, until } from '@rollcall/tools';
import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { someInstance } from './sessions.js';
import { EtcdBench, etcdRecord } from './etcd-bench.js';

describe.each(['current', 'old'] as const)('etcd (%s) that', async (version) => {
  // One that was given is not ours to kill.
  const location = await registryForTests('etcd', { version, prefer: ['container', 'binary'] });

  describe.skipIf(!location)('is there', () => {
    let bench: EtcdBench;
    let proxy: FaultProxy;
    const registries: Registry[] = [];

    beforeAll(async () => {
      if (location) bench = new EtcdBench(await startRegistryAt(location));
    });
    beforeEach(async () => {
      proxy = await FaultProxy.start(bench.server, { port: await freePort() });
    });
    afterEach(async () => {
      await proxy.close();
      await bench.server.start({ wipe: true });
      await Promise.all(registries.splice(0).map((registry) => registry.close()));
      await bench.tidy();
    });
    afterAll(() => bench?.server.stop());

    /** The whole library on this etcd, by way of the proxy where a test breaks the network. */
    function open(hosts = [bench.host], options: RegistryOptions = {}): Registry {
      const registry = new Registry(bench.etcd({ hosts }), { relistMs: 600_000, ...options });
      registries.push(registry);
      return registry;
    }
    const byProxy = () => [`${proxy.host}:${proxy.port}`];

    /** Registered with one handle and seen with another, with what may break between them and etcd. */
    async function registeredAndSeen(hosts?: string[]) {
      const registration = open(hosts).register(someInstance());
      const watch = open(hosts).watch('inventory');
      await registration.registered();
      await until(() => watch.current.instances.length === 1, {
        deadlineMs: 5_000,
        describe: () => 'it to be seen',
      });
      const shown: number[] = [];
      watch.onChange(({ instances }) => shown.push(instances.length));
      /** Both are as if nothing had been. */
      const cured = () =>
        until(() => registration.state.status === 'registered' && watch.current.source === 'live', {
          deadlineMs: 20_000,
          describe: () => `a cure; it is ${registration.state.status} and ${watch.current.source}`,
        });
      return { registration, watch, shown, cured };
    }
    /** Looks through the watch at something that comes now. */
    async function newcomerIsSeen({ watch }: Awaited<ReturnType<typeof registeredAndSeen>>): Promise<void> {
      const { instance } = await bench.announce();
      await until(() => watch.current.instances.some(({ id }) => id === instance.id), {
        deadlineMs: 5_000,
        describe: () => `${instance.id} to be seen`,
      });
    }
    const lost = ({ registration }: Awaited<ReturnType<typeof registeredAndSeen>>) =>
      until(() => registration.state.status === 'lost', {
        deadlineMs: 10_000,
        describe: () => 'it to be lost',
      });

    it.each(['shorter', 'longer'])('is killed for %s than the TTL: the list never dips', async (than) => {
      const both = await registeredAndSeen();
      await bench.server.kill();
      if (than === 'longer') await lost(both);
      await bench.server.start();
      await both.cured();
      const lease = await bench.leaseOf(both.registration.instance);
      // As long as the first lease could have lived.
      await until(async () => (await bench.leases()).every((each) => each === lease), {
        deadlineMs: 10_000,
        describe: () => 'all other leases to expire',
      });
      await newcomerIsSeen(both);
      expect(Math.min(...both.shown)).toBe(1);
      expect(await bench.get('inventory/')).toHaveLength(2);
    });

    it('comes back empty after thousands of writes has the instance at once, and newcomers too', async () => {
      const both = await registeredAndSeen();
      for (let n = 0; n < 30; n++) {
        await bench.putAll(Array.from({ length: 100 }, (_, i) => ({ key: `other/${i}`, value: `${n}` })));
      }
      await bench.server.kill();
      await bench.server.start({ wipe: true });
      await both.cured();
      await newcomerIsSeen(both);
      expect(Math.min(...both.shown)).toBe(1);
    });

    it('is frozen for longer than the TTL: noticed, and registered again once', async () => {
      const both = await registeredAndSeen();
      await bench.server.freeze();
      await lost(both);
      await until(() => both.watch.current.source === 'last-known-good', {
        deadlineMs: 20_000,
        describe: () => 'the watch to notice',
      });
      await bench.server.thaw();
      await both.cured();
      await newcomerIsSeen(both);
      expect(await bench.get(`inventory/${both.registration.instance.id}`)).toHaveLength(1);
    });

    it('is frozen does not hold up who leaves', async () => {
      const { registration } = await registeredAndSeen();
      await bench.server.freeze();
      const left = registration.close().then(() => 'left');
      const late = new Promise((resolve) => setTimeout(resolve, 3_000, 'late'));
      expect(await Promise.race([left, late])).toBe('left');
      await bench.server.thaw();
    });

    it('is compacted while the watch is cut: the watch is right afterwards', async () => {
      const both = await registeredAndSeen(byProxy());
      await proxy.cut();
      for (let n = 0; n < 20; n++) await bench.put('inventory/written-meanwhile', etcdRecord(20_000 + n));
      await bench.compact();
      await proxy.restore();
      await both.cured();
      expect(both.watch.current.instances.find(({ id }) => id === 'written-meanwhile')?.port).toBe(20_019);
      await newcomerIsSeen(both);
    });

    it('is cut off after each of its first answers: nothing that happens meanwhile is missed', async () => {
      const { watch } = await registeredAndSeen(byProxy());
      for (let answers = 1; answers <= 12; answers++) {
        let left = answers;
        proxy.onResponse((_, reset) => {
          if (--left === 0) reset();
        });
        proxy.reset();
        await bench.put('inventory/moving', etcdRecord(20_000 + answers));
        await until(() => watch.current.instances.some(({ port }) => port === 20_000 + answers), {
          deadlineMs: 10_000,
          describe: () => `what was written before a cut after answer ${answers}`,
        });
      }
      expect(watch.current.instances).toHaveLength(2);
    });

    it('is reset every 200 ms is called upon at most ten times a second, and seen when that ends', async () => {
      const both = await registeredAndSeen(byProxy());
      const before = proxy.accepted;
      const beganAt = performance.now();
      proxy.resetEvery(200);
      await new Promise((resolve) => setTimeout(resolve, 3_000));
      const perSecond = ((proxy.accepted - before) * 1_000) / (performance.now() - beganAt);
      await proxy.restore();
      expect(perSecond).toBeLessThan(10);
      await both.cured();
      await newcomerIsSeen(both);
    });

    it('is behind a black hole is noticed, and had back', async () => {
      const both = await registeredAndSeen(byProxy());
      proxy.blackHole();
      await until(() => both.watch.current.source === 'last-known-good', {
        deadlineMs: 20_000,
        describe: () => 'the watch to notice',
      });
      await lost(both);
      await proxy.restore();
      await both.cured();
      await newcomerIsSeen(both);
    });

    it('was replaced by something that accepts and says nothing: no connection to that is waited on', async () => {
      const silent = createServer((socket) => socket.on('error', () => {})).listen(0, '127.0.0.1');
      await once(silent, 'listening');
      const both = await registeredAndSeen(byProxy());
      proxy.forwardTo({ host: '127.0.0.1', port: (silent.address() as AddressInfo).port });
      proxy.reset();
      await lost(both);
      // grpc-js stays with the connection that it has begun, and that nobody will ever answer.
      proxy.forwardTo(bench.server);
      await both.cured();
      await newcomerIsSeen(both);
      expect(Math.min(...both.shown)).toBe(1);
      silent.close();
    });

    it('has members that are dead: another one is used', async () => {
      const dead = `127.0.0.1:${await freePort()}`;
      const both = await registeredAndSeen([dead, bench.host, dead]);
      await newcomerIsSeen(both);
      await both.registration.close();
      expect(await bench.get(`inventory/${both.registration.instance.id}`)).toEqual([]);
    });

    it('breaks thirty times holds no connection for it', async () => {
      const both = await registeredAndSeen(byProxy());
      for (let n = 0; n < 30; n++) {
        proxy.reset();
        await until(() => both.watch.current.source === 'last-known-good', {
          deadlineMs: 5_000,
          everyMs: 2,
          describe: () => 'the watch to notice',
        });
        await both.cured();
      }
      await until(() => proxy.connections <= 2, {
        deadlineMs: 20_000,
        describe: () => `one connection for each handle; there are ${proxy.connections}`,
      });
      await newcomerIsSeen(both);
    });
  });
});
