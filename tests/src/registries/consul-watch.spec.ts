import { registryForTests, startRegistryAt, until } from '@rollcall/tools';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { ConsulFixture } from './consul-fixture.js';
import { newInstance, Watcher } from './sessions.js';

for (const version of ['current', 'old'] as const) {
  const location = await registryForTests('consul', { version });

  describe.skipIf(!location)(`Consul (${version}): a watch`, () => {
    let fixture: ConsulFixture;

    beforeAll(async () => {
      if (location) fixture = new ConsulFixture(await startRegistryAt(location));
    });
    afterEach(() => fixture.cleanUp());
    afterAll(() => fixture?.server.stop());

    it('keeps an instance with a warning, and removes a critical one', async () => {
      const watcher = fixture.watch('inventory');
      const { instance } = await fixture.announce(newInstance(), fixture.backend({ ttlMs: 300_000 }));
      const { id } = instance;
      await watcher.untilListed(id);
      await fixture.api('PUT', `agent/check/warn/service:${id}`);
      await until(async () => (await fixture.entry(id))?.Checks.some(({ Status }) => Status === 'warning'), {
        deadlineMs: 5_000,
        describe: () => 'the warning',
      });
      await watcher.untilListed(id);
      await fixture.api('PUT', `agent/check/fail/service:${id}`);
      await watcher.untilGone(id);
      await fixture.api('PUT', `agent/check/pass/service:${id}`);
      await watcher.untilListed(id);
    });

    it('shows an instance in maintenance, or on a node in maintenance, as draining', async () => {
      const watcher = fixture.watch('inventory');
      const { id } = (await fixture.announce()).instance;
      for (const path of [`agent/service/maintenance/${id}`, 'agent/maintenance']) {
        await fixture.api('PUT', `${path}?enable=true&reason=by+hand`);
        await watcher.untilListed(id, { draining: true });
        await fixture.api('PUT', `${path}?enable=false`);
        await watcher.untilListed(id);
      }
    });

    it('leaves out a record without a port, and goes on', async () => {
      const watcher = fixture.watch('inventory');
      const { id } = newInstance();
      await fixture.put({ ID: id, Port: 0 });
      const { instance } = await fixture.announce();
      await watcher.untilListed(instance.id);
      expect(watcher.rejected).toEqual([expect.stringContaining(`/${id}`)]);
      await fixture.api('PUT', `agent/service/deregister/${id}`);
    });

    it('of goods receives nothing of goods2', async () => {
      await fixture.announce(newInstance({ service: 'goods2' }));
      const watcher = fixture.watch('goods');
      const { id } = (await fixture.announce(newInstance({ service: 'goods' }))).instance;
      await watcher.untilListed(id);
      expect(watcher.sets.flatMap(({ instances }) => instances).map((each) => each.service)).not.toContain(
        'goods2',
      );
    });

    it('of the catalog receives every service and its changes', async () => {
      const watcher = fixture.watch();
      const goods = await fixture.announce(newInstance({ service: 'goods' }));
      const inventory = await fixture.announce(newInstance());
      await watcher.untilListed(goods.instance.id);
      expect(await watcher.untilListed(inventory.instance.id)).toEqual(inventory.instance);
      await goods.deregister();
      await watcher.untilGone(goods.instance.id);
      expect(watcher.sets.at(-1)?.instances.map((each) => each.service)).not.toContain('consul');
    });

    it('opened and closed 300 times: no socket is left', async () => {
      const sockets = () =>
        process.getActiveResourcesInfo().filter((name) => name === 'TCPSocketWrap').length;
      const before = sockets();
      const own = fixture.backend();
      for (let n = 0; n < 300; n++) {
        const watcher = new Watcher(own, 'inventory');
        if (n % 2 === 0) await watcher.until('a set', () => true);
        await watcher.stop();
      }
      await own.close();
      await until(() => sockets() <= before, {
        deadlineMs: 5_000,
        describe: () => `${sockets()} sockets to be ${before}`,
      });
    });
  });
}
