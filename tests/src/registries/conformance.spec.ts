import { conformanceCases } from '@rollcall/discovery/testing';
import { registryForTests, type RegistryServer, startRegistryAt } from '@rollcall/tools';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { harnesses } from './conformance-harnesses.js';

/** The same expectations as of a registry in memory and of a directory, which the library's own tests try. */
describe.each([
  ['consul', 'current'],
  ['consul', 'old'],
  ['etcd', 'current'],
  ['etcd', 'old'],
] as const)('%s (%s)', async (kind, version) => {
  const location = await registryForTests(kind, { version });

  describe.skipIf(!location)('is a registry', () => {
    let server: RegistryServer;
    beforeAll(async () => {
      if (location) server = await startRegistryAt(location);
    });
    afterAll(() => server?.stop());

    it.for(conformanceCases.map((each) => [each.name, each] as const))('%s', async ([, each], { skip }) => {
      const harness = harnesses[kind](server);
      const reason = each.skipped(harness);
      skip(reason !== undefined, reason);
      await expect(each.run(harness)).resolves.toBeUndefined();
    });
  });
});
