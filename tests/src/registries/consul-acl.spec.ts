import type { Backend } from '@rollcall/discovery';
import { registryForTests, startRegistryAt, until } from '@rollcall/tools';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { consulApi } from '../environments/http-api.js';
import { ConsulFixture } from './consul-fixture.js';
import { Announcement, newInstance } from './sessions.js';

const rootToken = '5f1c6f0e-0000-4000-8000-000000000001';
const policies = {
  writer: 'service "inventory" { policy = "write" } node_prefix "" { policy = "read" }',
  withoutNodeRead: 'service "inventory" { policy = "write" }',
  ofAnotherService: 'service "review" { policy = "write" } node_prefix "" { policy = "read" }',
};

for (const version of ['current', 'old'] as const) {
  const location = await registryForTests('consul', { version, prefer: ['container', 'binary'] });

  describe.skipIf(!location)(`Consul (${version}) with ACLs`, () => {
    let fixture: ConsulFixture;
    let asRoot: ReturnType<typeof consulApi>;

    beforeAll(async () => {
      if (!location) return;
      const rootTokenName = version === 'current' ? 'initial_management' : 'master';
      const tokens = `tokens { ${rootTokenName} = "${rootToken}" agent = "${rootToken}" }`;
      const acl = `acl { enabled = true default_policy = "deny" ${tokens} }`;
      fixture = new ConsulFixture(await startRegistryAt(location, { args: ['-hcl', acl], token: rootToken }));
      asRoot = consulApi(fixture.server, rootToken);
      for (const [Name, Rules] of Object.entries(policies)) {
        // A server that has just started refuses for a moment: "The ACL system is currently in legacy mode".
        await until(
          () =>
            asRoot('PUT', 'acl/policy', { Name, Rules }).then(
              () => true,
              (error: unknown) => {
                if (String(error).includes('legacy mode')) return false;
                throw error;
              },
            ),
          { deadlineMs: 20_000, everyMs: 100, describe: () => 'the ACL system to accept a policy' },
        );
      }
    });
    afterEach(() => fixture.cleanUp());
    afterAll(() => fixture?.server.stop());

    async function createToken(policy: keyof typeof policies) {
      const created = await asRoot('PUT', 'acl/token', { Policies: [{ Name: policy }] });
      return created as { AccessorID: string; SecretID: string };
    }
    async function backendWith(policy: keyof typeof policies): Promise<Backend> {
      return fixture.backend({ token: (await createToken(policy)).SecretID });
    }

    it('a token with service:write and node:read registers and watches', async () => {
      const backend = await backendWith('writer');
      const { instance } = await fixture.announce(newInstance(), backend);
      const watchers = [fixture.watch('inventory', backend), fixture.watch(undefined, backend)];
      for (const watcher of watchers) await watcher.untilListed(instance.id);
    });

    it('a token without permission for the service cannot register', async () => {
      const refused = new Announcement(await backendWith('ofAnotherService'), newInstance());
      expect((await refused.failure()).message).toMatch(/^REGISTRY_REFUSED: .*403/);
    });

    it('a token that may write the record and not read it does not count as registered', async () => {
      const refused = new Announcement(await backendWith('withoutNodeRead'), newInstance());
      // The old version does not report that it filtered the result.
      const expected = version === 'current' ? /^REGISTRY_REFUSED: .*node:read/ : /^REGISTRATION_LOST: /;
      expect((await refused.failure()).message).toMatch(expected);
      await refused.deregister();
    });

    it('a token that is deleted fails the open watch with REGISTRY_REFUSED', async () => {
      const { AccessorID, SecretID } = await createToken('writer');
      const watcher = fixture.watch('inventory', fixture.backend({ token: SecretID, waitMs: 1_000 }));
      await watcher.until('the first set', () => true);
      await asRoot('DELETE', `acl/token/${AccessorID}`);
      expect((await watcher.failure()).message).toMatch(/^REGISTRY_REFUSED: .*403.*ACL not found/);
    });

    it.runIf(version === 'current')('a list emptied by ACLs is refused, not received as empty', async () => {
      await fixture.announce(newInstance(), await backendWith('writer'));
      const watcher = fixture.watch('inventory', await backendWith('ofAnotherService'));
      expect((await watcher.failure()).code).toBe('REGISTRY_REFUSED');
      expect(watcher.sets).toEqual([]);
    });
  });
}
