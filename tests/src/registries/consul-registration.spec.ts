import { registryForTests, startRegistryAt, until } from '@rollcall/tools';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { ConsulFixture, type HealthEntry } from './consul-fixture.js';
import { Announcement, newInstance } from './sessions.js';

for (const version of ['current', 'old'] as const) {
  const location = await registryForTests('consul', { version });

  describe.skipIf(!location)(`Consul (${version}): an instance`, () => {
    let fixture: ConsulFixture;

    beforeAll(async () => {
      if (location) fixture = new ConsulFixture(await startRegistryAt(location));
    });
    afterEach(() => fixture.cleanUp());
    afterAll(() => fixture?.server.stop());

    it('registers: watchers receive every field, and Consul its weight', async () => {
      const instance = newInstance({
        weight: 7,
        tags: ['canary'],
        metadata: { team: 'stock', 'build.url': 'https://ci/1', note: 'ü'.repeat(2_000) },
        protocol: 'grpc',
        version: '1.4.0',
        zone: 'eu-1a',
      });
      const watcher = fixture.watch('inventory');
      await fixture.announce(instance);
      expect(await watcher.untilListed(instance.id)).toEqual(instance);
      expect((await fixture.entry(instance.id))?.Service.Weights.Passing).toBe(7);
    });

    it('replaces its older record: the list always contains it', async () => {
      const { id, port } = newInstance();
      await fixture.put({ ID: id, Port: port, Tags: ['old'] });
      const watcher = fixture.watch('inventory');
      await watcher.untilListed(id);
      const before = watcher.sets.length;
      await fixture.announce(newInstance({ id, port }));
      await watcher.until('the new record', (all) =>
        all.some((each) => each.id === id && each.tags.length === 0),
      );
      for (const { instances } of watcher.sets.slice(before)) {
        expect(instances.map((each) => each.id)).toContain(id);
      }
    });

    it('deregisters: watchers see it draining, then removed', async () => {
      const watcher = fixture.watch('inventory');
      const announcement = await fixture.announce();
      const { id } = announcement.instance;
      await watcher.untilListed(id);
      await announcement.deregister();
      await watcher.untilGone(id);
      const last = watcher.sets.flatMap(({ instances }) => instances).findLast((each) => each.id === id);
      expect(last).toMatchObject({ draining: true });
      expect(await fixture.api('GET', 'agent/services')).not.toHaveProperty([id]);
    });

    it('is deregistered at the agent by an operator: it is lost long before its next TTL update', async () => {
      const announcement = await fixture.announce(newInstance(), fixture.backend({ ttlMs: 300_000 }));
      await fixture.api('PUT', `agent/service/deregister/${announcement.instance.id}`);
      expect((await announcement.failure()).message).toMatch(
        /^REGISTRATION_LOST: .*(it was removed|does not know it)/,
      );
    });

    it('is deleted from the catalog: it is lost, and can register again with its check', async () => {
      const instance = newInstance();
      const errors: unknown[] = [];
      // Three times: when the agent happens to sync at this moment, nothing is lost.
      for (let n = 0; n < 3; n++) {
        const announcement = await fixture.announce(instance);
        const { Node, Service, Checks } = (await fixture.entry(instance.id)) as HealthEntry;
        expect(Checks.map(({ CheckID }) => CheckID)).toContain(`service:${instance.id}`);
        await fixture.api('PUT', 'catalog/deregister', { Node: Node.Node, ServiceID: instance.id });
        const synced = async () => {
          const now = await fixture.entry(instance.id);
          return now !== undefined && now.Service.CreateIndex !== Service.CreateIndex;
        };
        await until(async () => announcement.error !== undefined || (await synced()), {
          deadlineMs: 10_000,
          describe: () => 'the record to be lost',
        });
        if (announcement.error) errors.push(announcement.error.code);
        else await announcement.deregister();
      }
      expect(new Set(errors)).toEqual(new Set(['REGISTRATION_LOST']));
    });

    it('loses its check: it is lost, since a crash would go unnoticed', async () => {
      const announcement = await fixture.announce(newInstance(), fixture.backend({ ttlMs: 300_000 }));
      await fixture.api('PUT', `agent/check/deregister/service:${announcement.instance.id}`);
      expect((await announcement.failure()).message).toMatch(
        /^REGISTRATION_LOST: .*(its check|does not know it)/,
      );
    });

    it('has the id of another living instance: it is rejected, and the record stays', async () => {
      const first = await fixture.announce();
      const second = new Announcement(fixture.backend(), newInstance({ id: first.instance.id }));
      expect((await second.failure()).message).toMatch(/^CONFLICT: .*use a unique id for each instance/);
      await second.deregister();
      expect(await fixture.watch('inventory').untilListed(first.instance.id)).toEqual(first.instance);
    });

    it('is overwritten by a later instance: it takes its id back, and the later one is rejected', async () => {
      const { id, port } = newInstance();
      const first = await fixture.announce(newInstance({ id, port, registeredAt: 1_000 }));
      await fixture.put({
        ID: id,
        Port: port + 1_000,
        Meta: { rollcall: 'rollcall', 'rollcall-registered-at': '2000' },
      });
      expect((await first.failure()).code).toBe('CONFLICT');
      const again = await fixture.announce(first.instance);
      const other = new Announcement(fixture.backend(), newInstance({ id, registeredAt: 2_000 }));
      expect((await other.failure()).code).toBe('CONFLICT');
      await fixture.watch('inventory').untilListed(id, { port: again.instance.port });
    });

    it.each([
      ['with its own address', (port: number) => port, 'passing'],
      ['that is critical', (port: number) => port + 1_000, 'critical'],
    ])('takes over a stale record %s', async (_, at, status) => {
      const { id, port } = newInstance();
      await fixture.put({ ID: id, Port: at(port), Tags: ['old'] }, status);
      await fixture.announce(newInstance({ id, port }), fixture.backend({ ttlMs: 300_000 }));
      expect(await fixture.watch('inventory').untilListed(id, { port })).toMatchObject({ tags: [] });
    });

    it('stops its TTL updates: it is removed after its TTL', async () => {
      const watcher = fixture.watch('inventory');
      const announcement = await fixture.announce(newInstance(), fixture.backend({ ttlMs: 300_000 }));
      await watcher.untilListed(announcement.instance.id);
      const { id, port } = newInstance();
      await fixture.put({ ID: id, Port: port, Check: { TTL: '1s', Status: 'passing' } });
      await watcher.untilListed(id);
      // Rarely an agent tells its servers of an expired check only with its next full synchronization, a minute later.
      await until(async () => (await fixture.entry(id))?.Checks.some(({ Status }) => Status === 'critical'), {
        deadlineMs: 90_000,
        describe: () => `the TTL check of ${id} to be critical in the catalogue`,
      });
      await watcher.untilGone(id);
      await watcher.untilListed(announcement.instance.id);
      await fixture.api('PUT', `agent/service/deregister/${id}`);
    }, 120_000);

    it.each(['tcp', 'http'] as const)(
      'has a %s check: the agent runs it, and the instance stays',
      async (kind) => {
        // The agent's own HTTP port, as the agent sees it, is sure to answer.
        const port = fixture.server.how === 'container' ? 8_500 : fixture.server.port;
        const check = { kind, intervalMs: 1_000, ...(kind === 'http' && { path: '/v1/status/leader' }) };
        const { instance } = await fixture.announce(newInstance({ port }), fixture.backend({ check }));
        const state = async () => {
          const checks = (await fixture.api('GET', 'agent/checks')) as Record<
            string,
            HealthEntry['Checks'][number]
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
      'has a %s check that nothing answers: it is removed',
      async (kind) => {
        const watcher = fixture.watch('inventory');
        const { instance } = await fixture.announce(
          newInstance(),
          fixture.backend({ check: { kind, intervalMs: 1_000 } }),
        );
        await watcher.untilGone(instance.id);
        expect((await fixture.entry(instance.id))?.Checks.map(({ Type }) => Type)).toContain(kind);
      },
    );
  });
}
