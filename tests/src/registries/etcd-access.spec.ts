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
import { Announcing, someInstance, Watching } from './sessions.js';
import { EtcdBench, keyOf } from './etcd-bench.js';

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

describe.each(['current', 'old'] as const)('etcd (%s) with authentication', async (version) => {
  const location = await registryForTests('etcd', { version, prefer: ['container', 'binary'] });
  const shop: EtcdOptions = { username: 'shop', password: 'sesame', prefix: 'shop/' };
  /** How long etcd remembers a login that is not used, in s. */
  const loginSeconds = 1;

  describe.skipIf(!location)('is there', () => {
    let bench: EtcdBench;

    beforeAll(async () => {
      if (!location) return;
      bench = new EtcdBench(await startRegistryAt(location, { args: [`--auth-token-ttl=${loginSeconds}`] }));
      const root = { name: 'root', password: 'root' };
      const base64 = (text: string) => Buffer.from(text).toString('base64');
      const range = { key: base64('shop/'), range_end: base64('shop0') };
      await bench.api('auth/role/add', { name: 'root' });
      await bench.api('auth/role/add', { name: 'shop' });
      await bench.api('auth/role/grant', { name: 'shop', perm: { permType: 'READWRITE', ...range } });
      await bench.api('auth/user/add', root);
      await bench.api('auth/user/add', { name: 'shop', password: 'sesame' });
      await bench.api('auth/user/grant', { user: 'root', role: 'root' });
      await bench.api('auth/user/grant', { user: 'shop', role: 'shop' });
      await bench.api('auth/enable', {});
      bench.login = root;
    });
    afterEach(() => bench.tidy());
    afterAll(() => bench?.server.stop());

    it('is registered in and watched with the rights to a prefix', async () => {
      const announcing = await bench.announce(someInstance(), bench.etcd(shop));
      await bench.watch('inventory', bench.etcd(shop)).untilHas(announcing.instance.id);
      expect(await bench.get(`shop/${keyOf(announcing.instance)}`)).toHaveLength(1);
    });

    it('has forgotten the login: it is renewed by whatever comes next, and nothing fails', async () => {
      const backend = bench.etcd({ ...shop, ttlMs: 30_000 });
      await bench.announce(someInstance(), backend);
      const forgotten = () => new Promise((resolve) => setTimeout(resolve, loginSeconds * 3_000));
      await forgotten();
      const { instance } = await bench.announce(someInstance(), backend);
      await forgotten();
      await bench.watch('inventory', backend).untilHas(instance.id);
      expect(await bench.get('shop/inventory/')).toHaveLength(2);
    });

    it('has forgotten the login and lost the record: it is registered again', async () => {
      const backend = bench.etcd({ ...shop, ttlMs: 30_000 });
      const lost = await bench.announce(someInstance(), backend);
      await new Promise((resolve) => setTimeout(resolve, loginSeconds * 3_000));
      await bench.delete(`shop/${keyOf(lost.instance)}`);
      expect((await lost.failure()).code).toBe('REGISTRATION_LOST');
      await bench.announce(lost.instance, backend);
      expect(await bench.get(`shop/${keyOf(lost.instance)}`)).toHaveLength(1);
    });

    it.each<[string, EtcdOptions, RegExp]>([
      ['the wrong password', { ...shop, password: 'wrong!' }, /authentication failed/],
      ['no login', { prefix: 'shop/' }, /user name is empty/],
      ['no right to the prefix', { ...shop, prefix: 'bank/' }, /permission denied/],
    ])('%s is refused, and the password is not told', async (_, options, reason) => {
      const backend = bench.etcd(options);
      const failures = [
        await new Announcing(backend, someInstance()).failure(),
        await bench.watch('inventory', backend).failure(),
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

  describe.skipIf(!location)('is there', () => {
    let bench: EtcdBench;
    beforeAll(async () => {
      if (location) bench = new EtcdBench(await startRegistryAt(location));
    });
    afterEach(() => bench.tidy());
    afterAll(() => bench?.server.stop());

    it('without authentication takes whoever has a login', async () => {
      const backend = bench.etcd({ username: 'shop', password: 'sesame' });
      const { instance } = await bench.announce(someInstance(), backend);
      expect(await bench.watch('inventory', backend).untilHas(instance.id)).toEqual(instance);
    });

    it('is reached directly, whatever proxy the environment names', async () => {
      let asked = 0;
      const proxy = await listening(createServer((socket) => ((asked += 1), socket.destroy())));
      for (const name of ['http_proxy', 'https_proxy', 'grpc_proxy']) vi.stubEnv(name, `http://${proxy}`);
      vi.stubEnv('no_proxy', '');
      const backend = bench.etcd({ username: 'shop', password: 'sesame' });
      const { instance } = await bench.announce(someInstance(), backend);
      await bench.watch('inventory', backend).untilHas(instance.id);
      expect(asked).toBe(0);
    });

    describe.skipIf(!hasOpenssl())('behind TLS', () => {
      const directory = mkdtempSync(join(tmpdir(), 'rollcall-tls-'));
      const file = (name: string) => join(directory, name);
      afterAll(() => rmSync(directory, { recursive: true, force: true }));

      /** A certificate that is its own authority. */
      function certificate(name: string, subject: string): { cert: Buffer; key: Buffer } {
        const [cert, key] = [file(`${name}.pem`), file(`${name}-key.pem`)];
        const made = ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes'];
        const named = ['-days', '1', '-subj', `/CN=${name}`, '-addext', `subjectAltName=${subject}`];
        execFileSync('openssl', [...made, ...named, '-keyout', key, '-out', cert], { stdio: 'ignore' });
        return { cert: readFileSync(cert), key: readFileSync(key) };
      }

      it('is reached by who knows its authority and has a certificate itself', async () => {
        const [server, client] = [certificate('server', 'IP:127.0.0.1'), certificate('client', 'DNS:client')];
        const secured = { ...server, ca: client.cert, requestCert: true, ALPNProtocols: ['h2'] };
        const secure = createTlsServer(secured, (socket) => {
          const { host, port } = bench.server;
          socket.on('error', () => {});
          socket.pipe(connect(port, host).on('error', () => socket.destroy())).pipe(socket);
        });
        const at = await listening(secure);
        const pem = `ca=${file('server.pem')}&cert=${file('client.pem')}&key=${file('client-key.pem')}`;
        const backend = etcdFromUrl(parseRegistryUrl(`etcd+tls://${at}/?${pem}&ttlMs=2000`));
        const { instance } = await bench.announce(someInstance(), backend);
        await bench.watch('inventory', backend).untilHas(instance.id);

        for (const tls of [
          { ca: server.cert },
          { ...client },
          { ca: server.cert, serverName: 'other', ...client },
        ]) {
          const refused = new Watching(bench.etcd({ hosts: [at], tls }), 'inventory');
          expect((await refused.failure()).code).toBe('REGISTRY_UNAVAILABLE');
        }
        await bench.tidy();
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
    process.stderr.write('skipped, etcd behind TLS: no program "openssl" to make certificates with\n');
    return false;
  }
}
