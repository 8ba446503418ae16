import { registryForTests, startRegistryAt, until } from '@rollcall/tools';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { ConsulBench } from './consul-bench.js';
import { Announcing, someInstance } from './sessions.js';

const sleep = (ms: number) => new Promise<string>((resolve) => setTimeout(resolve, ms, 'too late'));

describe.each(['current', 'old'] as const)('An agent of Consul (%s) that', async (version) => {
  // One that was given is not ours to kill.
  const location = await registryForTests('consul', { version, prefer: ['container', 'binary'] });

  describe.skipIf(!location)('is there', () => {
    let bench: ConsulBench;

    beforeAll(async () => {
      if (location) bench = new ConsulBench(await startRegistryAt(location));
    });
    afterEach(async () => {
      await bench.tidy();
      await bench.server.start();
    });
    afterAll(() => bench?.server.stop());

    it.each([true, false])(
      'is killed and started again (wiped: %s) costs the sessions, and no more',
      async (wipe) => {
        const kept = await bench.announce();
        const watching = bench.watch('inventory');
        await watching.untilHas(kept.instance.id);
        await bench.server.kill();
        expect((await watching.failure()).code).toBe('REGISTRY_UNAVAILABLE');
        expect((await kept.failure()).code).toBe('REGISTRY_UNAVAILABLE');
        expect((await new Announcing(bench.consul(), kept.instance).failure()).message).toContain(
          'ECONNREFUSED',
        );
        await bench.server.start({ wipe });
        const again = bench.watch('inventory');
        await bench.announce(kept.instance);
        await again.untilHas(kept.instance.id);
      },
    );

    it('freezes is noticed by watch and announcement, and does not hold up leaving', async () => {
      const short = bench.consul({ ttlMs: 2_000 });
      const lost = await bench.announce(someInstance(), short);
      const leaving = await bench.announce();
      const watching = bench.watch('inventory');
      await watching.untilHas(lost.instance.id);
      await bench.server.freeze();
      const left = leaving.leave();
      expect(await Promise.race([left.then(() => 'left'), sleep(3_000)])).toBe('left');
      expect((await watching.failure()).message).toMatch(/^REGISTRY_UNAVAILABLE: .*no answer within/);
      expect((await lost.failure()).message).toMatch(/^(REGISTRATION_LOST|REGISTRY_UNAVAILABLE): /);
      await bench.server.thaw();
    });

    it('was frozen for longer than the TTL has the instance back', async () => {
      const patient = bench.consul({ ttlMs: 3_000, waitMs: 12_000 });
      const announcing = await bench.announce(someInstance(), patient);
      const { id } = announcing.instance;
      const watching = bench.watch('inventory', patient);
      await watching.untilHas(id);
      await bench.server.freeze();
      await sleep(4_000);
      await bench.server.thaw();
      // Not passed for a TTL is lost, and announced anew by the core. A pass that was under way may do, too.
      if (announcing.error) await bench.announce(announcing.instance, patient);
      await watching.untilHas(id);
      await until(async () => (await bench.entry(id))?.Checks.every(({ Status }) => Status === 'passing'), {
        deadlineMs: 5_000,
        describe: () => 'all checks to pass',
      });
    });
  });
});
