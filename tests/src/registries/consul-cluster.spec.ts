import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { parseRegistryUrl } from '@rollcall/discovery';
import { consulFromUrl } from '@rollcall/discovery/consul';
import { freePort, locateRegistry, startRegistryAt, until } from '@rollcall/tools';
import { afterEach, describe, expect, it } from 'vitest';
import { ConsulAgent, fastPromotion } from '../environments/consul-agent.js';
import { ConsulFixture } from './consul-fixture.js';
import { Announcement, newInstance, Watcher } from './sessions.js';

for (const version of ['current', 'old'] as const) {
  // Agents find each other on the loopback of one machine.
  const location = await locateRegistry('consul', { version, prefer: ['binary'] }).catch(() => undefined);
  const program = location?.how === 'binary' ? location.path : '';

  describe.skipIf(!location)(`Consul (${version})`, () => {
    const cleanups: (() => Promise<unknown>)[] = [];
    afterEach(async () => {
      for (const cleanup of cleanups.splice(0).toReversed()) await cleanup();
    });

    async function start(args: readonly string[] = []): Promise<ConsulFixture> {
      if (!location) throw new Error('skipped without Consul');
      const fixture = new ConsulFixture(await startRegistryAt(location, { args }));
      cleanups.push(() => fixture.server.stop());
      cleanups.push(() => fixture.cleanUp());
      return fixture;
    }

    it('over TLS with certificates on both sides: instances register and are watched', async () => {
      const directory = await mkdtemp(join(tmpdir(), 'rollcall-consul-'));
      cleanups.push(() => rm(directory, { recursive: true, force: true }));
      const run = (...args: string[]) => promisify(execFile)(program, args, { cwd: directory });
      await run('tls', 'ca', 'create');
      await run('tls', 'cert', 'create', '-server');
      await run('tls', 'cert', 'create', '-client');
      const pem = (name: string) => join(directory, name);
      const port = await freePort();
      const tls = [
        `ca_file = "${pem('consul-agent-ca.pem')}"`,
        `cert_file = "${pem('dc1-server-consul-0.pem')}"`,
        `key_file = "${pem('dc1-server-consul-0-key.pem')}"`,
        `verify_incoming_https = true ports { https = ${port} }`,
      ];
      await start(tls.flatMap((line) => ['-hcl', line]));

      const files = `ca=${pem('consul-agent-ca.pem')}&cert=${pem('dc1-client-consul-0.pem')}&key=${pem('dc1-client-consul-0-key.pem')}`;
      const open = (options: string) => {
        const backend = consulFromUrl(parseRegistryUrl(`consul+tls://localhost:${port}${options}`));
        cleanups.push(() => backend.close());
        return backend;
      };
      const backend = open(`?${files}&waitMs=1000`);
      const announcement = await Announcement.registered(backend, newInstance());
      const watcher = new Watcher(backend, 'inventory');
      await watcher.untilListed(announcement.instance.id);
      await watcher.stop();
      await announcement.deregister();

      const withoutCertificates = new Watcher(open(''), 'inventory');
      expect((await withoutCertificates.failure()).message).toMatch(/certificate/);
    });

    it('without a leader: stale reads go on, consistent reads fail', async () => {
      const fixture = await start(fastPromotion);
      const second = await ConsulAgent.joinAsServer(fixture.server, program, 'second');
      cleanups.push(() => second.stop());
      const { instance } = await fixture.announce();
      await second.kill();
      await until(async () => (await fixture.api('GET', 'status/leader')) === '', {
        deadlineMs: 30_000,
        describe: () => 'the remaining server to lose its majority',
      });
      await fixture.watch('inventory').untilListed(instance.id);
      await fixture.watch().untilListed(instance.id);
      const consistent = fixture.watch('inventory', fixture.backend({ stale: false }));
      expect((await consistent.failure()).code).toBe('REGISTRY_UNAVAILABLE');
    });

    it('behind a client agent: instances register and are watched, also after the server lost its data', async () => {
      const fixture = await start();
      const agent = await ConsulAgent.join(fixture.server, program, 'client');
      cleanups.push(() => agent.stop());
      const backend = fixture.backend({ port: agent.port });
      const { instance } = await fixture.announce(newInstance(), backend);
      const watcher = fixture.watch('inventory', backend);
      await watcher.untilListed(instance.id);
      await fixture.watch(undefined, backend).untilListed(instance.id);
      const second = await fixture.announce(newInstance(), backend);
      await watcher.untilListed(second.instance.id);
      await second.deregister();
      await watcher.untilGone(second.instance.id);

      await fixture.server.kill();
      expect((await fixture.watch('inventory', backend).failure()).code).toBe('REGISTRY_UNAVAILABLE');
      await fixture.server.start({ wipe: true });
      const third = await until(
        () => Announcement.registered(backend, newInstance()).catch(() => undefined),
        {
          deadlineMs: 40_000,
          describe: () => 'the client agent to reach its server again, and the instance to register',
        },
      );
      await fixture.watch('inventory', backend).untilListed(third.instance.id);
      await third.deregister();
    });
  });
}
