import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { type AddressInfo, connect, createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createServer as createTlsServer } from 'node:tls';
import { parseRegistryUrl } from '@rollcall/discovery';
import { etcdFromUrl, type EtcdOptions } from '@rollcall/discovery/etcd';
import { registryForTests, startRegistryAt } from '@rollcall/tools';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { EtcdFixture, keyOf } from './etcd-fixture.js';
import { Announcement, newInstance, Watcher } from './sessions.js';

const servers: Server[] = [];
afterEach(() => {
  vi.unstubAllEnvs();
  for (const server of servers.splice(0)) server.close();
});
async function listening(server: Server): Promise<string> {
  servers.push(server);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return `127.0.0.1:${(server.address() as AddressInfo).port}`;
}

describe.each(['current', 'old'] as const)('etcd (%s)', async (version) => {
  const location = await registryForTests('etcd', { version, prefer: ['container', 'binary'] });
  const shop: EtcdOptions = { username: 'shop', password: 'sesame', prefix: 'shop/' };
  /** After how many seconds without use etcd's auth tokens expire. */
  const tokenTtlSeconds = 1;

  describe.skipIf(!location)('with authentication', () => {
    let fixture: EtcdFixture;

    beforeAll(async () => {
      if (!location) return;
      fixture = new EtcdFixture(
        await startRegistryAt(location, { args: [`--auth-token-ttl=${tokenTtlSeconds}`] }),
      );
      const root = { name: 'root', password: 'root' };
      const base64 = (text: string) => Buffer.from(text).toString('base64');
      const range = { key: base64('shop/'), range_end: base64('shop0') };
      await fixture.api('auth/role/add', { name: 'root' });
      await fixture.api('auth/role/add', { name: 'shop' });
      await fixture.api('auth/role/grant', { name: 'shop', perm: { permType: 'READWRITE', ...range } });
      await fixture.api('auth/user/add', root);
      await fixture.api('auth/user/add', { name: 'shop', password: 'sesame' });
      await fixture.api('auth/user/grant', { user: 'root', role: 'root' });
      await fixture.api('auth/user/grant', { user: 'shop', role: 'shop' });
      await fixture.api('auth/enable', {});
      fixture.login = root;
    });
    afterEach(() => fixture.cleanUp());
    afterAll(() => fixture?.server.stop());

    it('accepts a user with permission for the prefix', async () => {
      const announcement = await fixture.announce(newInstance(), fixture.backend(shop));
      await fixture.watch('inventory', fixture.backend(shop)).untilListed(announcement.instance.id);
      expect(await fixture.get(`shop/${keyOf(announcement.instance)}`)).toHaveLength(1);
    });

    it('expires the auth token: the next request renews it, and nothing fails', async () => {
      const backend = fixture.backend({ ...shop, ttlMs: 30_000 });
      await fixture.announce(newInstance(), backend);
      const expired = () => new Promise((resolve) => setTimeout(resolve, tokenTtlSeconds * 3_000));
      await expired();
      const { instance } = await fixture.announce(newInstance(), backend);
      await expired();
      await fixture.watch('inventory', backend).untilListed(instance.id);
      expect(await fixture.get('shop/inventory/')).toHaveLength(2);
    });

    it('expires the auth token and loses the record: the instance can register again', async () => {
      const backend = fixture.backend({ ...shop, ttlMs: 30_000 });
      const lost = await fixture.announce(newInstance(), backend);
      await new Promise((resolve) => setTimeout(resolve, tokenTtlSeconds * 3_000));
      await fixture.delete(`shop/${keyOf(lost.instance)}`);
      expect((await lost.failure()).code).toBe('REGISTRATION_LOST');
      await fixture.announce(lost.instance, backend);
      expect(await fixture.get(`shop/${keyOf(lost.instance)}`)).toHaveLength(1);
    });

    it.each<[string, EtcdOptions, RegExp]>([
      ['the wrong password', { ...shop, password: 'wrong!' }, /authentication failed/],
      ['no user', { prefix: 'shop/' }, /user name is empty/],
      ['no permission for the prefix', { ...shop, prefix: 'bank/' }, /permission denied/],
    ])('refuses %s; the error does not contain the password', async (_, options, reason) => {
      const backend = fixture.backend(options);
      const failures = [
        await new Announcement(backend, newInstance()).failure(),
        await fixture.watch('inventory', backend).failure(),
      ];
      for (const { code, message } of failures) {
        expect(code).toBe('REGISTRY_REFUSED');
        expect(message).toMatch(reason);
        expect(message).not.toMatch(/sesame|wrong!/);
      }
    });
  });
});

describe('etcd', async () => {
  const location = await registryForTests('etcd');

  describe.skipIf(!location)('with a real server', () => {
    let fixture: EtcdFixture;
    beforeAll(async () => {
      if (location) fixture = new EtcdFixture(await startRegistryAt(location));
    });
    afterEach(() => fixture.cleanUp());
    afterAll(() => fixture?.server.stop());

    it('without authentication accepts any user', async () => {
      const backend = fixture.backend({ username: 'shop', password: 'sesame' });
      const { instance } = await fixture.announce(newInstance(), backend);
      expect(await fixture.watch('inventory', backend).untilListed(instance.id)).toEqual(instance);
    });

    it('is reached directly although the environment names a proxy', async () => {
      let connections = 0;
      const proxy = await listening(createServer((socket) => ((connections += 1), socket.destroy())));
      for (const name of ['http_proxy', 'https_proxy', 'grpc_proxy']) vi.stubEnv(name, `http://${proxy}`);
      vi.stubEnv('no_proxy', '');
      const backend = fixture.backend({ username: 'shop', password: 'sesame' });
      const { instance } = await fixture.announce(newInstance(), backend);
      await fixture.watch('inventory', backend).untilListed(instance.id);
      expect(connections).toBe(0);
    });

    describe.skipIf(!hasOpenssl())('behind TLS', () => {
      const directory = mkdtempSync(join(tmpdir(), 'rollcall-tls-'));
      const file = (name: string) => join(directory, name);
      afterAll(() => rmSync(directory, { recursive: true, force: true }));

      /** A self-signed certificate. */
      function certificate(name: string, subject: string): { cert: Buffer; key: Buffer } {
        const [cert, key] = [file(`${name}.pem`), file(`${name}-key.pem`)];
        const made = ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes'];
        const named = ['-days', '1', '-subj', `/CN=${name}`, '-addext', `subjectAltName=${subject}`];
        execFileSync('openssl', [...made, ...named, '-keyout', key, '-out', cert], { stdio: 'ignore' });
        return { cert: readFileSync(cert), key: readFileSync(key) };
      }

      it('accepts clients that know its CA and have a certificate', async () => {
        const [server, client] = [certificate('server', 'IP:127.0.0.1'), certificate('client', 'DNS:client')];
        const secured = { ...server, ca: client.cert, requestCert: true, ALPNProtocols: ['h2'] };
        const secure = createTlsServer(secured, (socket) => {
          const { host, port } = fixture.server;
          socket.on('error', () => {});
          socket.pipe(connect(port, host).on('error', () => socket.destroy())).pipe(socket);
        });
        const at = await listening(secure);
        const pem = `ca=${file('server.pem')}&cert=${file('client.pem')}&key=${file('client-key.pem')}`;
        const backend = etcdFromUrl(parseRegistryUrl(`etcd+tls://${at}/?${pem}&ttlMs=2000`));
        const { instance } = await fixture.announce(newInstance(), backend);
        await fixture.watch('inventory', backend).untilListed(instance.id);

        for (const tls of [
          { ca: server.cert },
          { ...client },
          { ca: server.cert, serverName: 'other', ...client },
        ]) {
          const refused = new Watcher(fixture.backend({ hosts: [at], tls }), 'inventory');
          expect((await refused.failure()).code).toBe('REGISTRY_UNAVAILABLE');
        }
        await fixture.cleanUp();
        await backend.close();
      });
    });
  });
});

function hasOpenssl(): boolean {
  try {
    execFileSync('openssl', ['version'], { stdio: 'ignore' });
    return true;
  } catch {
    process.stderr.write('skipped, etcd behind TLS: no program "openssl" to create certificates\n');
    return false;
  }
}
