import { setTimeout as sleep } from 'node:timers/promises';
import { services, System } from '@rollcall/tools';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { PageLoad } from './page-load.js';
import { registryCases, type SystemRegistry } from './registries.js';

const frozenMs = 8_000;

// Callers notice a frozen instance without their registry; the scenarios of calls freeze instances on etcd, too.
for (const { name, missing, open } of (await registryCases()).filter((each) => each.name !== 'etcd')) {
  // At night only, on the second one.
  const tags = name === 'consul' ? ['long'] : [];
  describe.skipIf(missing)(`frozen instances of the system on ${name}`, { tags }, () => {
    let registry: SystemRegistry;
    let system: System;
    let load: PageLoad | undefined;

    beforeAll(async () => {
      registry = await open();
      system = await System.start({ registryUrl: registry.url });
    });
    afterEach(async () => {
      for (const service of services)
        for (const instance of system.instances(service)) instance.signal('SIGCONT');
      await load?.close();
    });
    afterAll(async () => {
      await system?.stop();
      await registry?.close();
    });

    for (const [count, several] of ['one', 'two'].entries()) {
      it(`${several} of three instances of each service are frozen (SIGSTOP) for 8 s: no page fails or is degraded`, async () => {
        load = await PageLoad.start(system.url);
        for (const service of services) await load.untilAllServe(system.instances(service));
        const frozen = services.flatMap((service) => system.instances(service).slice(0, count + 1));
        for (const instance of frozen) instance.signal('SIGSTOP');
        await sleep(frozenMs);
        const serving = await load.stillServing(frozen);
        for (const instance of frozen) instance.signal('SIGCONT');
        await load.untilAllServe(frozen);
        const result = await load.stop(`${name}, ${several} of three frozen`);
        expect(serving).toEqual([]);
        expect(result).toEqual({ failed: 0, errors: {} });
      });
    }
  });
}
