import { type RegistryServer, registryForTests, startRegistryAt } from '@rollcall/tools';
import { afterAll, beforeAll, describe, it } from 'vitest';
import { expectUnaffected } from './clock-jumps.js';
import { participants } from './participants.js';

const start = participants();
const ttlMs = 2_000;

for (const kind of ['etcd', 'consul'] as const) {
  const location = await registryForTests(kind, { version: 'current', prefer: ['binary', 'container'] });
  describe.skipIf(!location)(`${kind}`, () => {
    let server: RegistryServer;
    beforeAll(async () => {
      if (location) server = await startRegistryAt(location);
    });
    afterAll(() => server?.stop());

    it('the clocks of all clients jump an hour ahead, then two back: registration and list stay', () =>
      expectUnaffected(start, `${server.url}?ttlMs=${ttlMs}`, ttlMs));
  });
}
