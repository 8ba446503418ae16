import { setTimeout as lasts } from 'node:timers/promises';
import { openRegistry } from '@rollcall/discovery';
import { startRegistryAt } from '@rollcall/tools';
import { expect } from 'vitest';
import { aSecond, etcdOf, type Fault, onlyEtcd } from '../fault.js';
import { ask } from '../http-api.js';

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
];
