import { setTimeout as sleep } from 'node:timers/promises';
import { openRegistry } from '@rollcall/discovery';
import { startRegistryAt, until } from '@rollcall/tools';
import { expect } from 'vitest';
import { ConsulEnvironment } from '../../environments/consul-environment.js';
import { httpApi } from '../../environments/http-api.js';
import { RegistryRun } from './registry-run.js';
import {
  consulOf,
  consulOnly,
  etcdOf,
  etcdOnly,
  notBehindClientAgent,
  oneSecond,
  type RegistryScenario,
} from './registry-scenario.js';

const password = 'secret';

export const credentials: readonly RegistryScenario[] = [
  {
    name: 'etcd auth token expired: instances still register, lists and watches go on',
    recoveryMs: oneSecond,
    notFor: etcdOnly,
    async run(run) {
      // A server of its own with authentication. Its tokens expire after 1 s, which is sooner than any heartbeat comes.
      const server = await startRegistryAt(etcdOf(run).location, { args: ['--auth-token-ttl=1'] });
      run.onCleanup(() => server.stop());
      const call = (path: string, body: object, token?: string) =>
        httpApi(server, 'POST', `/v3/${path}`, body, token === undefined ? {} : { Authorization: token });
      await call('auth/user/add', { name: 'root', password });
      await call('auth/role/add', { name: 'root' });
      await call('auth/user/grant', { user: 'root', role: 'root' });
      await call('auth/enable', {});

      const url = `etcd://root:${password}@${server.host}:${server.port}?ttlMs=9000`;
      const [provider, observer] = await Promise.all([openRegistry(url), openRegistry(url)]);
      run.onCleanup(async () => void (await Promise.all([provider.close(), observer.close()])));
      const [first, second] = [run.newInstance(), run.newInstance()];
      await provider.register(first).registered();
      const watch = observer.watch(run.service);
      const ids = () => watch.current.instances.map(({ id }) => id).join();
      await run.until('the first instance to be listed', () => ids() === first.id);
      await sleep(4_000);

      const from = performance.now();
      await provider.register(second).registered();
      await run.until('the second instance to be listed', () => ids() === `${first.id},${second.id}`);
      const tookMs = performance.now() - from;

      await sleep(4_000);
      const { token } = (await call('auth/authenticate', { name: 'root', password })) as { token: string };
      const key = Buffer.from(`${run.service}/${first.id}`).toString('base64');
      const deletedAt = performance.now();
      await call('kv/deleterange', { key }, token);
      const stored = async () => (await call('kv/range', { key }, token)) as { count?: string };
      await run.until('the deleted record to be written again', async () => (await stored()).count === '1');
      run.findings.note(
        `deleted record written again after ${((performance.now() - deletedAt) / 1_000).toFixed(2)} s`,
      );
      await run.until('both instances to be listed', () => ids() === `${first.id},${second.id}`);
      expect(watch.current.source).toBe('live');
      return tookMs;
    },
  },
  {
    name: 'Consul token deleted, as an expired one is: the list stays, and recovers once the token exists again',
    recoveryMs: oneSecond,
    notFor: consulOnly,
    notIn: notBehindClientAgent,
    async run(run) {
      const [rootToken, token] = [
        '5f1c6f0e-0000-4000-8000-000000000001',
        '5f1c6f0e-0000-4000-8000-000000000002',
      ];
      const { location, version } = consulOf(run);
      const rootTokenName = version.startsWith('1.8') ? 'master' : 'initial_management';
      // Requests without a token are allowed everything; requests with an unknown token are refused.
      const acl = `acl { enabled = true default_policy = "allow" tokens { ${rootTokenName} = "${rootToken}" } }`;
      const environment = await ConsulEnvironment.start(location, { args: ['-hcl', acl], token });
      run.onCleanup(() => environment.close());
      const asRoot = (method: 'GET' | 'PUT' | 'DELETE', path: string, body?: object) =>
        httpApi(environment.server, method, `/v1/acl/${path}`, body, { 'X-Consul-Token': rootToken });
      const Rules = 'service_prefix "" { policy = "write" } node_prefix "" { policy = "read" }';
      // ACLs become available a while after the server has elected a leader.
      await until(() => asRoot('PUT', 'policy', { Name: 'all', Rules }).catch(() => undefined), {
        deadlineMs: 20_000,
        describe: () => 'ACLs to be available',
      });
      const createToken = () => asRoot('PUT', 'token', { SecretID: token, Policies: [{ Name: 'all' }] });
      const { AccessorID } = (await createToken()) as { AccessorID: string };

      const inner = new RegistryRun(environment);
      run.onCleanup(() => inner.end());
      await inner.provider();
      const observer = await inner.observer();
      await asRoot('DELETE', `token/${AccessorID}`);
      await inner.untilNoticed(observer);
      expect(observer.watch.current.lastError?.code).toBe('REGISTRY_REFUSED');
      await sleep(environment.ttlMs + 1_000);
      await createToken();
      const tookMs = await inner.recovered();
      inner.expectNeverBelow(3, observer);
      return tookMs;
    },
  },
];
