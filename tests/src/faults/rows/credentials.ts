import { setTimeout as lasts } from 'node:timers/promises';
import { openRegistry } from '@rollcall/discovery';
import { startRegistryAt, until } from '@rollcall/tools';
import { expect } from 'vitest';
import type { Arena } from '../arena.js';
import { ConsulArena } from '../consul-arena.js';
import { aSecond, consulOf, etcdOf, type Fault, onlyConsul, onlyEtcd } from '../fault.js';
import { ask } from '../http-api.js';
import { Trial } from '../trial.js';

const password = 'secret';

export const credentials: readonly Fault[] = [
  {
    name: 'etcd auth token expired: lists, watches and registers on',
    boundMs: aSecond,
    notFor: onlyEtcd,
    async run(trial) {
      // A server of its own, with access control, whose tokens live for 1 s. No beat of ours comes so often.
      const server = await startRegistryAt(etcdOf(trial).location, { args: ['--auth-token-ttl=1'] });
      trial.onCleanup(() => server.stop());
      const call = (path: string, body: object, token?: string) =>
        ask(server, 'POST', `/v3/${path}`, body, token === undefined ? {} : { Authorization: token });
      await call('auth/user/add', { name: 'root', password });
      await call('auth/role/add', { name: 'root' });
      await call('auth/user/grant', { user: 'root', role: 'root' });
      await call('auth/enable', {});

      const url = `etcd://root:${password}@${server.host}:${server.port}?ttlMs=9000`;
      const [provider, observer] = await Promise.all([openRegistry(url), openRegistry(url)]);
      trial.onCleanup(async () => void (await Promise.all([provider.close(), observer.close()])));
      const [first, second] = [trial.someInstance(), trial.someInstance()];
      await provider.register(first).registered();
      const watch = observer.watch(trial.service);
      const ids = () => watch.current.instances.map(({ id }) => id).join();
      await trial.until('the first to be seen', () => ids() === first.id);
      await lasts(4_000);

      const from = performance.now();
      await provider.register(second).registered();
      await trial.until('the second to be seen', () => ids() === `${first.id},${second.id}`);
      const tookMs = performance.now() - from;

      await lasts(4_000);
      const { token } = (await call('auth/authenticate', { name: 'root', password })) as { token: string };
      const key = Buffer.from(`${trial.service}/${first.id}`).toString('base64');
      const deletedAt = performance.now();
      await call('kv/deleterange', { key }, token);
      const stored = async () => (await call('kv/range', { key }, token)) as { count?: string };
      await trial.until('the deleted one to be back', async () => (await stored()).count === '1');
      trial.notes.push(`deleted, back after ${((performance.now() - deletedAt) / 1_000).toFixed(2)} s`);
      await trial.until('both to be seen', () => ids() === `${first.id},${second.id}`);
      expect(watch.current.source).toBe('live');
      return tookMs;
    },
  },
  {
    name: 'Consul token deleted, as one that expires is: the list stays, all is right when there is a token again',
    boundMs: aSecond,
    notFor: onlyConsul,
    notHere: behindClient,
    async run(trial) {
      const [root, token] = ['5f1c6f0e-0000-4000-8000-000000000001', '5f1c6f0e-0000-4000-8000-000000000002'];
      const { location, version } = consulOf(trial);
      const first = version.startsWith('1.8') ? 'master' : 'initial_management';
      // Who brings no token may do everything; who brings one that is not known may do nothing.
      const acl = `acl { enabled = true default_policy = "allow" tokens { ${first} = "${root}" } }`;
      const arena = await ConsulArena.start(location, { args: ['-hcl', acl], token });
      trial.onCleanup(() => arena.close());
      const asRoot = (method: 'GET' | 'PUT' | 'DELETE', path: string, body?: object) =>
        ask(arena.server, method, `/v1/acl/${path}`, body, { 'X-Consul-Token': root });
      const Rules = 'service_prefix "" { policy = "write" } node_prefix "" { policy = "read" }';
      // With the access control of a server that has just started, until it has a leader that is ready for it.
      await until(() => asRoot('PUT', 'policy', { Name: 'all', Rules }).catch(() => undefined), {
        deadlineMs: 20_000,
        describe: () => 'access control to be there',
      });
      const make = () => asRoot('PUT', 'token', { SecretID: token, Policies: [{ Name: 'all' }] });
      const { AccessorID } = (await make()) as { AccessorID: string };

      const inner = new Trial(arena);
      trial.onCleanup(() => inner.end());
      await inner.provider();
      const observer = await inner.observer();
      await asRoot('DELETE', `token/${AccessorID}`);
      await inner.blind(observer);
      expect(observer.watch.current.lastError?.code).toBe('REGISTRY_REFUSED');
      await lasts(arena.ttlMs + 1_000);
      await make();
      const tookMs = await inner.cured();
      inner.expectNoDip(observer, 3);
      return tookMs;
    },
  },
];

function behindClient(arena: Arena): string | undefined {
  return arena instanceof ConsulArena && arena.throughClient
    ? 'of servers: see the column of Consul'
    : undefined;
}
