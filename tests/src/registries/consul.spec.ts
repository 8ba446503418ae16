import { consulBackend, type ConsulOptions } from '@rollcall/discovery/consul';
import type { Backend } from '@rollcall/discovery';
import { registryForTests, type RegistryServer, startRegistryAt, until } from '@rollcall/tools';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { Announcing, consulApi, someInstance, Watching } from './consul-sessions.js';

/** What health says of a service, raw. */
interface Entry {
  readonly Node: { readonly Node: string };
  readonly Service: { readonly ID: string; readonly Weights: { readonly Passing: number } };
  readonly Checks: readonly {
    readonly CheckID: string;
    readonly Status: string;
    readonly Type: string;
    readonly Output: string;
  }[];
}

describe.each(['current', 'old'] as const)('Consul (%s)', async (version) => {
  const location = await registryForTests('consul', { version });

  describe.skipIf(!location)('is there', () => {
    let server: RegistryServer;
    let backend: Backend;
    let api: ReturnType<typeof consulApi>;
    const backends: Backend[] = [];
    const sessions: { leave?(): Promise<void>; stop?(): Promise<void> }[] = [];

    beforeAll(async () => {
      if (location) server = await startRegistryAt(location);
    });
    afterAll(() => server?.stop());
    beforeEach(() => {
      api = consulApi(server);
      backend = consul();
    });
    afterEach(async () => {
      await Promise.all(sessions.splice(0).map((session) => session.leave?.() ?? session.stop?.()));
      await Promise.all(backends.splice(0).map((each) => each.close()));
    });

    /** With waits and deadlines short enough for a test. */
    function consul(options: ConsulOptions = {}): Backend {
      const { host, port } = server;
      const made = consulBackend({ host, port, waitMs: 2_000, requestTimeoutMs: 1_000, ...options });
      backends.push(made);
      return made;
    }
    async function announce(instance = someInstance(), by = backend): Promise<Announcing> {
      const announcing = await Announcing.registered(by, instance);
      sessions.push(announcing);
      return announcing;
    }
    function watch(service?: string, by = backend): Watching {
      const watching = new Watching(by, service);
      sessions.push(watching);
      return watching;
    }
    async function entry(id: string): Promise<Entry | undefined> {
      const entries = (await api('GET', 'health/service/inventory')) as Entry[];
      return entries.find(({ Service }) => Service.ID === id);
    }
    /** A record that somebody else writes, with a TTL check that starts passing. */
    const put = (record: { ID: string; Port: number; [field: string]: unknown }, status = 'passing') =>
      api('PUT', 'agent/service/register', {
        Name: 'inventory',
        Address: '127.0.0.1',
        Check: { TTL: '60s', Status: status },
        ...record,
      });

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
        const watching = watch('inventory');
        await announce(instance);
        expect(await watching.untilHas(instance.id)).toEqual(instance);
        expect((await entry(instance.id))?.Service.Weights.Passing).toBe(7);
      });

      it('is written over its older record, and the list is never without it', async () => {
        const { id, port } = someInstance();
        await put({ ID: id, Port: port, Tags: ['old'] });
        const watching = watch('inventory');
        await watching.untilHas(id);
        const before = watching.sets.length;
        await announce(someInstance({ id, port }));
        await watching.until('the new record', (all) =>
          all.some((each) => each.id === id && each.tags.length === 0),
        );
        for (const { instances } of watching.sets.slice(before)) {
          expect(instances.map((each) => each.id)).toContain(id);
        }
      });

      it('that leaves is seen draining, and then not at all', async () => {
        const watching = watch('inventory');
        const announcing = await announce();
        const { id } = announcing.instance;
        await watching.untilHas(id);
        await announcing.leave();
        await watching.untilHasNot(id);
        const last = watching.sets.flatMap(({ instances }) => instances).findLast((each) => each.id === id);
        expect(last).toMatchObject({ draining: true });
        expect(await api('GET', 'agent/services')).not.toHaveProperty([id]);
      });

      it('whose record an operator deregisters at the agent is lost, long before its next pass', async () => {
        const announcing = await announce(someInstance(), consul({ ttlMs: 300_000 }));
        await api('PUT', `agent/service/deregister/${announcing.instance.id}`);
        expect((await announcing.failure()).message).toMatch(/^REGISTRATION_LOST: .*removed it/);
      });

      it('whose record is deleted from the catalogue is lost, and is written again with its check', async () => {
        const announcing = await announce();
        const { id } = announcing.instance;
        const { Node } = (await entry(id)) as Entry;
        await api('PUT', 'catalog/deregister', { Node: Node.Node, ServiceID: id });
        expect((await announcing.failure()).code).toBe('REGISTRATION_LOST');
        await announce(announcing.instance);
        expect((await entry(id))?.Checks.map(({ CheckID }) => CheckID)).toContain(`service:${id}`);
      });

      it('whose check alone is removed is lost, since nothing would tell of its death', async () => {
        const announcing = await announce(someInstance(), consul({ ttlMs: 300_000 }));
        await api('PUT', `agent/check/deregister/service:${announcing.instance.id}`);
        expect((await announcing.failure()).message).toMatch(/^REGISTRATION_LOST: .*its check/);
      });

      it('whose id another living instance holds is refused, and leaves that record alone', async () => {
        const first = await announce();
        const second = new Announcing(consul(), someInstance({ id: first.instance.id }));
        expect((await second.failure()).message).toMatch(/^CONFLICT: .*give each instance an id of its own/);
        await second.leave();
        expect(await watch('inventory').untilHas(first.instance.id)).toEqual(first.instance);
      });

      it('whose id is overwritten takes it back when it was first, and the other is refused', async () => {
        const { id, port } = someInstance();
        const first = await announce(someInstance({ id, port, registeredAt: 1_000 }));
        await put({
          ID: id,
          Port: port + 1_000,
          Meta: { rollcall: 'rollcall', 'rollcall-registered-at': '2000' },
        });
        expect((await first.failure()).code).toBe('CONFLICT');
        const again = await announce(first.instance);
        const other = new Announcing(consul(), someInstance({ id, registeredAt: 2_000 }));
        expect((await other.failure()).code).toBe('CONFLICT');
        await watch('inventory').untilHas(id, { port: again.instance.port });
      });

      it.each([
        ['of the same address', (port: number) => port, 'passing'],
        ['that is critical', (port: number) => port + 1_000, 'critical'],
      ])('takes over a record %s: nobody lives behind it', async (_, at, status) => {
        const { id, port } = someInstance();
        await put({ ID: id, Port: at(port) }, status);
        await announce(someInstance({ id, port }), consul({ ttlMs: 300_000 }));
        await watch('inventory').untilHas(id, { port });
      });

      it('that stops passing is dropped after its TTL', async () => {
        const watching = watch('inventory');
        const announcing = await announce(someInstance(), consul({ ttlMs: 300_000 }));
        await watching.untilHas(announcing.instance.id);
        const { id, port } = someInstance();
        await put({ ID: id, Port: port, Check: { TTL: '1s', Status: 'passing' } });
        await watching.untilHas(id);
        await watching.untilHasNot(id);
        await watching.untilHas(announcing.instance.id);
        await api('PUT', `agent/service/deregister/${id}`);
      });

      it.each(['tcp', 'http'] as const)(
        'with a %s check is asked by the agent itself, and stays',
        async (kind) => {
          // The agent's own HTTP port, as it sees it, is a peer that is sure to answer.
          const port = server.how === 'container' ? 8_500 : server.port;
          const check = { kind, intervalMs: 1_000, ...(kind === 'http' && { path: '/v1/status/leader' }) };
          const { instance } = await announce(someInstance({ port }), consul({ check }));
          const state = async () => {
            const checks = (await api('GET', 'agent/checks')) as Record<string, Entry['Checks'][number]>;
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
          const watching = watch('inventory');
          const { instance } = await announce(someInstance(), consul({ check: { kind, intervalMs: 1_000 } }));
          await watching.untilHasNot(instance.id);
          expect((await entry(instance.id))?.Checks.map(({ Type }) => Type)).toContain(kind);
        },
      );
    });

    describe('a watch', () => {
      it('keeps an instance that warns, and drops one that is critical', async () => {
        const watching = watch('inventory');
        const { instance } = await announce(someInstance(), consul({ ttlMs: 300_000 }));
        const { id } = instance;
        await watching.untilHas(id);
        await api('PUT', `agent/check/warn/service:${id}`);
        await until(async () => (await entry(id))?.Checks.some(({ Status }) => Status === 'warning'), {
          deadlineMs: 5_000,
          describe: () => 'the warning',
        });
        await watching.untilHas(id);
        await api('PUT', `agent/check/fail/service:${id}`);
        await watching.untilHasNot(id);
        await api('PUT', `agent/check/pass/service:${id}`);
        await watching.untilHas(id);
      });

      it('sees maintenance of an instance, and of its node, as draining', async () => {
        const watching = watch('inventory');
        const { id } = (await announce()).instance;
        for (const path of [`agent/service/maintenance/${id}`, 'agent/maintenance']) {
          await api('PUT', `${path}?enable=true&reason=by+hand`);
          await watching.untilHas(id, { draining: true });
          await api('PUT', `${path}?enable=false`);
          await watching.untilHas(id);
        }
      });

      it('leaves out a record that nobody could call, and goes on', async () => {
        const watching = watch('inventory');
        const { id } = someInstance();
        await put({ ID: id, Port: 0 });
        const { instance } = await announce();
        await watching.untilHas(instance.id);
        expect(watching.rejected).toEqual([expect.stringContaining(`/${id}`)]);
        await api('PUT', `agent/service/deregister/${id}`);
      });

      it('of goods sees nothing of goods2', async () => {
        await announce(someInstance({ service: 'goods2' }));
        const watching = watch('goods');
        const { id } = (await announce(someInstance({ service: 'goods' }))).instance;
        await watching.untilHas(id);
        expect(watching.sets.flatMap(({ instances }) => instances).map((each) => each.service)).not.toContain(
          'goods2',
        );
      });

      it('of everything sees every service, and its changes, from one request at a time', async () => {
        const watching = watch();
        const goods = await announce(someInstance({ service: 'goods' }));
        const inventory = await announce(someInstance());
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
        const own = consul();
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

    describe.skipIf(location?.how === 'given')('an agent that', () => {
      afterEach(async () => {
        await server.start();
      });

      it.each([true, false])(
        'is killed and started again (wiped: %s) costs the sessions, and no more',
        async (wipe) => {
          const kept = await announce();
          const watching = watch('inventory');
          await watching.untilHas(kept.instance.id);
          await server.kill();
          expect((await watching.failure()).code).toBe('REGISTRY_UNAVAILABLE');
          expect((await kept.failure()).code).toBe('REGISTRY_UNAVAILABLE');
          expect((await new Announcing(backend, kept.instance).failure()).message).toContain('ECONNREFUSED');
          await server.start({ wipe });
          const again = watch('inventory');
          await announce(kept.instance);
          await again.untilHas(kept.instance.id);
        },
      );

      it('freezes is noticed by watch and announcement, and does not hold up leaving', async () => {
        const short = consul({ ttlMs: 2_000 });
        const lost = await announce(someInstance(), short);
        const leaving = await announce();
        const watching = watch('inventory');
        await watching.untilHas(lost.instance.id);
        await server.freeze();
        const left = leaving.leave();
        expect(await Promise.race([left.then(() => 'left'), sleep(3_000)])).toBe('left');
        expect((await watching.failure()).message).toMatch(/^REGISTRY_UNAVAILABLE: .*no answer within/);
        expect((await lost.failure()).message).toMatch(/^(REGISTRATION_LOST|REGISTRY_UNAVAILABLE): /);
        await server.thaw();
      });

      it('was frozen for longer than the TTL has the instance back after one pass', async () => {
        const patient = consul({ ttlMs: 3_000, waitMs: 12_000 });
        const { id } = (await announce(someInstance(), patient)).instance;
        const watching = watch('inventory', patient);
        await watching.untilHas(id);
        await server.freeze();
        await sleep(4_000);
        await server.thaw();
        await watching.untilHas(id);
        await until(async () => (await entry(id))?.Checks.every(({ Status }) => Status === 'passing'), {
          deadlineMs: 5_000,
          describe: () => 'all checks to pass',
        });
      });
    });
  });
});

const sleep = (ms: number) => new Promise<string>((resolve) => setTimeout(resolve, ms, 'too late'));
