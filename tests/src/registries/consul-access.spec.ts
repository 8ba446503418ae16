import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join as inside } from 'node:path';
import { promisify } from 'node:util';
import { type Backend, parseRegistryUrl } from '@rollcall/discovery';
import { consulBackend, consulFromUrl } from '@rollcall/discovery/consul';
import {
  freePort,
  locateRegistry,
  registryForTests,
  type RegistryServer,
  startRegistryAt,
  TrackedProcess,
  until,
} from '@rollcall/tools';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { Announcing, consulApi, someInstance, Watching } from './sessions.js';

const backends: Backend[] = [];
const cleanups: (() => Promise<unknown>)[] = [];
const short = { waitMs: 1_000, requestTimeoutMs: 1_000 };

function keep(backend: Backend): Backend {
  backends.push(backend);
  return backend;
}
async function announce(by: Backend): Promise<Announcing> {
  const announcing = await Announcing.registered(by, someInstance());
  cleanups.push(() => announcing.leave());
  return announcing;
}
function watch(by: Backend, service?: string): Watching {
  const watching = new Watching(by, service);
  cleanups.push(() => watching.stop());
  return watching;
}
afterEach(async () => {
  await Promise.all(cleanups.splice(0).map((cleanup) => cleanup()));
  await Promise.all(backends.splice(0).map((backend) => backend.close()));
});

const versions = ['current', 'old'] as const;

describe.each(versions)('Consul (%s) with access control', async (version) => {
  const location = await registryForTests('consul', { version, prefer: ['container', 'binary'] });
  const root = '5f1c6f0e-0000-4000-8000-000000000001';
  /** What the first token is called in the configuration of each version. */
  const first = version === 'current' ? 'initial_management' : 'master';
  let server: RegistryServer;
  let asRoot: ReturnType<typeof consulApi>;

  beforeAll(async () => {
    if (!location) return;
    const acl = `acl { enabled = true default_policy = "deny" tokens { ${first} = "${root}" agent = "${root}" } }`;
    server = await startRegistryAt(location, { args: ['-hcl', acl], token: root });
    asRoot = consulApi(server, root);
    for (const [Name, Rules] of Object.entries({
      writer: 'service "inventory" { policy = "write" } node_prefix "" { policy = "read" }',
      blind: 'service "inventory" { policy = "write" }',
      stranger: 'service "review" { policy = "write" } node_prefix "" { policy = "read" }',
    })) {
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
        { deadlineMs: 20_000, everyMs: 100, describe: () => 'the ACL system to take a policy' },
      );
    }
  });
  afterAll(() => server?.stop());

  async function token(policy: string): Promise<{ AccessorID: string; SecretID: string }> {
    const made = await asRoot('PUT', 'acl/token', { Policies: [{ Name: policy }] });
    return made as { AccessorID: string; SecretID: string };
  }
  async function consul(policy: string): Promise<Backend> {
    const { host, port } = server;
    return keep(consulBackend({ host, port, token: (await token(policy)).SecretID, ...short }));
  }

  describe.skipIf(!location)('is there', () => {
    it('a token with service:write and node:read announces and watches', async () => {
      const backend = await consul('writer');
      const { instance } = await announce(backend);
      await watch(backend, 'inventory').untilHas(instance.id);
      await watch(backend).untilHas(instance.id);
    });

    it('a token without rights on the service is refused at the announcement', async () => {
      const refused = new Announcing(await consul('stranger'), someInstance());
      expect((await refused.failure()).message).toMatch(/^REGISTRY_REFUSED: .*403/);
    });

    it('a token that may write the record and not see it is not called registered', async () => {
      const blind = new Announcing(await consul('blind'), someInstance());
      // The old version does not say that it left something out.
      const expected = version === 'current' ? /^REGISTRY_REFUSED: .*node:read/ : /^REGISTRATION_LOST: /;
      expect((await blind.failure()).message).toMatch(expected);
      await blind.leave();
    });

    it('a token that is deleted ends the watch that is open, with REGISTRY_REFUSED', async () => {
      const { AccessorID, SecretID } = await token('writer');
      const { host, port } = server;
      const watching = watch(keep(consulBackend({ host, port, token: SecretID, ...short })), 'inventory');
      await watching.until('the first set', () => true);
      await asRoot('DELETE', `acl/token/${AccessorID}`);
      expect((await watching.failure()).message).toMatch(/^REGISTRY_REFUSED: .*403.*ACL not found/);
    });

    it.runIf(version === 'current')('a list emptied by ACLs is a refusal, and no empty list', async () => {
      await announce(await consul('writer'));
      const watching = watch(await consul('stranger'), 'inventory');
      expect((await watching.failure()).code).toBe('REGISTRY_REFUSED');
      expect(watching.sets).toEqual([]);
    });
  });
});

describe.each(versions)('Consul (%s) as a program of this machine', async (version) => {
  const location = await locateRegistry('consul', { version, prefer: ['binary'] }).catch(() => undefined);
  const program = location?.how === 'binary' ? location.path : '';
  let directory: string;
  beforeAll(async () => {
    directory = await mkdtemp(inside(tmpdir(), 'rollcall-consul-'));
  });
  afterAll(() => rm(directory, { recursive: true, force: true }));

  describe.skipIf(!location)('is there', () => {
    it('over TLS with certificates on both sides announces and watches', async () => {
      const run = (...args: string[]) => promisify(execFile)(program, args, { cwd: directory });
      await run('tls', 'ca', 'create');
      await run('tls', 'cert', 'create', '-server');
      await run('tls', 'cert', 'create', '-client');
      const pem = (name: string) => inside(directory, name);
      const port = await freePort();
      const tls = [
        `ca_file = "${pem('consul-agent-ca.pem')}"`,
        `cert_file = "${pem('dc1-server-consul-0.pem')}"`,
        `key_file = "${pem('dc1-server-consul-0-key.pem')}"`,
        `verify_incoming_https = true ports { https = ${port} }`,
      ];
      if (!location) return;
      const server = await startRegistryAt(location, { args: tls.flatMap((line) => ['-hcl', line]) });
      cleanups.push(() => server.stop());

      const files = `ca=${pem('consul-agent-ca.pem')}&cert=${pem('dc1-client-consul-0.pem')}&key=${pem('dc1-client-consul-0-key.pem')}`;
      const open = (options: string) =>
        keep(consulFromUrl(parseRegistryUrl(`consul+tls://localhost:${port}${options}`)));
      const backend = open(`?${files}&waitMs=1000`);
      const announcing = await Announcing.registered(backend, someInstance());
      const watching = new Watching(backend, 'inventory');
      await watching.untilHas(announcing.instance.id);
      await watching.stop();
      await announcing.leave();

      expect((await watch(open(''), 'inventory').failure()).message).toMatch(/certificate/);
    });

    /** Another agent on this machine, in the cluster of `server`. */
    async function join(server: RegistryServer, name: string, args: readonly string[]) {
      const { Member } = (await consulApi(server)('GET', 'agent/self')) as { Member: { Port: number } };
      const host = '127.0.0.1';
      const port = await freePort();
      const agent = await TrackedProcess.start({
        command: program,
        args: [
          'agent',
          `-node=${name}`,
          `-data-dir=${inside(directory, name)}`,
          `-bind=${host}`,
          `-http-port=${port}`,
          '-dns-port=-1',
          `-serf-lan-port=${await freePort()}`,
          `-retry-join=${host}:${Member.Port}`,
          ...args,
        ],
      });
      cleanups.push(() => agent.kill());
      const api = consulApi({ host, port });
      const servers = () => api('GET', 'health/service/consul').catch(() => []) as Promise<unknown[]>;
      await until(async () => (await servers()).length > 0, {
        deadlineMs: 20_000,
        describe: () => `${name} to join; it said ${agent.lastLines.join('\n')}`,
      });
      return { agent, port };
    }

    it('without a leader is still watched, by a read that may be stale', async () => {
      if (!location) return;
      const quick = 'autopilot { server_stabilization_time = "100ms" }';
      const server = await startRegistryAt(location, { args: ['-hcl', quick] });
      cleanups.push(() => server.stop());
      const { agent } = await join(server, 'second', [
        '-server',
        `-server-port=${await freePort()}`,
        '-serf-wan-port=-1',
        ...(version === 'current' ? ['-grpc-tls-port=-1'] : []),
      ]);
      const api = consulApi(server);
      await until(
        async () => {
          const raft = await api('GET', 'operator/raft/configuration');
          return (
            (raft as { Servers: { Voter: boolean }[] }).Servers.filter(({ Voter }) => Voter).length === 2
          );
        },
        { deadlineMs: 30_000, describe: () => 'the second server to have a vote' },
      );
      const { host, port } = server;
      const backend = keep(consulBackend({ host, port, ...short }));
      const { instance } = await announce(backend);
      await agent.kill();
      await until(async () => (await api('GET', 'status/leader')) === '""', {
        deadlineMs: 30_000,
        describe: () => 'the server that is left to lose its majority',
      });
      await watch(backend, 'inventory').untilHas(instance.id);
      await watch(backend).untilHas(instance.id);
      const strict = keep(consulBackend({ host, port, ...short, stale: false }));
      expect((await watch(strict, 'inventory').failure()).code).toBe('REGISTRY_UNAVAILABLE');
    });

    it('behind a client agent announces and watches, also after its server was away and came back empty', async () => {
      if (!location) return;
      const server = await startRegistryAt(location);
      cleanups.push(() => server.stop());
      const { port } = await join(server, 'client', []);
      const backend = keep(consulBackend({ port, ...short }));
      const { instance } = await announce(backend);
      const watching = watch(backend, 'inventory');
      await watching.untilHas(instance.id);
      await watch(backend).untilHas(instance.id);
      const second = await announce(backend);
      await watching.untilHas(second.instance.id);
      await second.leave();
      await watching.untilHasNot(second.instance.id);

      await server.kill();
      expect((await watch(backend, 'inventory').failure()).code).toBe('REGISTRY_UNAVAILABLE');
      await server.start({ wipe: true });
      const third = await until(() => Announcing.registered(backend, someInstance()).catch(() => undefined), {
        deadlineMs: 40_000,
        describe: () => 'the client agent to find its server again, and the instance to be registered',
      });
      cleanups.push(() => third.leave());
      await watch(backend, 'inventory').untilHas(third.instance.id);
    });
  });
});
