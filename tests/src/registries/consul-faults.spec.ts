import { registryForTests, startRegistryAt, until } from '@rollcall/tools';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { ConsulFixture } from './consul-fixture.js';
import { Announcement, newInstance } from './sessions.js';

const sleep = (ms: number) => new Promise<string>((resolve) => setTimeout(resolve, ms, 'too late'));

describe.each(['current', 'old'] as const)('Consul (%s)', async (version) => {
  // Not a server whose address was given: these tests kill it.
  const location = await registryForTests('consul', { version, prefer: ['container', 'binary'] });

  describe.skipIf(!location)('when its agent', () => {
    let fixture: ConsulFixture;

    beforeAll(async () => {
      if (location) fixture = new ConsulFixture(await startRegistryAt(location));
    });
    afterEach(async () => {
      await fixture.cleanUp();
      await fixture.server.start();
    });
    afterAll(() => fixture?.server.stop());

    it.each([true, false])(
      'is killed and restarted (wiped: %s), sessions fail, and new ones work',
      async (wipe) => {
        const kept = await fixture.announce();
        const watcher = fixture.watch('inventory');
        await watcher.untilListed(kept.instance.id);
        await fixture.server.kill();
        expect((await watcher.failure()).code).toBe('REGISTRY_UNAVAILABLE');
        expect((await kept.failure()).code).toBe('REGISTRY_UNAVAILABLE');
        expect((await new Announcement(fixture.backend(), kept.instance).failure()).message).toContain(
          'ECONNREFUSED',
        );
        await fixture.server.start({ wipe });
        const again = fixture.watch('inventory');
        await fixture.announce(kept.instance);
        await again.untilListed(kept.instance.id);
      },
    );

    it('freezes, watch and announcement notice it, and deregistering does not hang', async () => {
      const short = fixture.backend({ ttlMs: 2_000 });
      const lost = await fixture.announce(newInstance(), short);
      const leaving = await fixture.announce();
      const watcher = fixture.watch('inventory');
      await watcher.untilListed(lost.instance.id);
      await fixture.server.freeze();
      const left = leaving.deregister();
      expect(await Promise.race([left.then(() => 'left'), sleep(3_000)])).toBe('left');
      expect((await watcher.failure()).message).toMatch(/^REGISTRY_UNAVAILABLE: .*no response within/);
      expect((await lost.failure()).message).toMatch(/^(REGISTRATION_LOST|REGISTRY_UNAVAILABLE): /);
      await fixture.server.thaw();
    });

    it('was frozen for longer than the TTL, the instance is listed again', async () => {
      const patient = fixture.backend({ ttlMs: 3_000, waitMs: 12_000 });
      const announcement = await fixture.announce(newInstance(), patient);
      const { id } = announcement.instance;
      const watcher = fixture.watch('inventory', patient);
      await watcher.untilListed(id);
      await fixture.server.freeze();
      await sleep(4_000);
      await fixture.server.thaw();
      // An instance that missed its TTL is lost, and registers again. An update that was under way may have saved it.
      if (announcement.error) await fixture.announce(announcement.instance, patient);
      await watcher.untilListed(id);
      await until(async () => (await fixture.entry(id))?.Checks.every(({ Status }) => Status === 'passing'), {
        deadlineMs: 5_000,
        describe: () => 'all checks to pass',
      });
    });
  });
});
