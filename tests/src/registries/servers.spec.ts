import {
  locateRegistry,
  registryForTests,
  startRegistryAt,
  until,
  type RegistryKind,
  type RegistryLocation,
  type RegistryServer,
  type RegistryVersion,
} from '@rollcall/tools';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';

/** Writes and reads one value with the registry's own HTTP API. */
const store: Record<
  RegistryKind,
  { put(url: string): Promise<Response>; has(url: string): Promise<boolean> }
> = {
  consul: {
    put: (url) => fetch(`${url}/v1/kv/kept`, { method: 'PUT', body: 'yes', signal: soon() }),
    has: async (url) => (await fetch(`${url}/v1/kv/kept?consistent`, { signal: soon() })).ok,
  },
  etcd: {
    put: (url) => post(`${url}/v3/kv/put`, { key: base64('kept'), value: base64('yes') }),
    has: async (url) => {
      const response = (await (await post(`${url}/v3/kv/range`, { key: base64('kept') })).json()) as {
        count?: string;
      };
      return response.count === '1';
    },
  },
};
const soon = () => AbortSignal.timeout(1_000);
const base64 = (text: string) => Buffer.from(text).toString('base64');
const post = (url: string, body: object) =>
  fetch(url, { method: 'POST', body: JSON.stringify(body), signal: soon() });

const places: { name: string; kind: RegistryKind; location: RegistryLocation }[] = [];
for (const kind of ['consul', 'etcd'] as const) {
  for (const version of ['current', 'old'] as const satisfies RegistryVersion[]) {
    for (const how of ['container', 'binary'] as const) {
      const location = await locateRegistry(kind, { version, prefer: [how] }).catch(() => undefined);
      if (location) places.push({ name: `${version} ${kind} as a ${how}`, kind, location });
    }
    if (!places.some(({ name }) => name.startsWith(`${version} ${kind}`))) {
      await registryForTests(kind, { version, prefer: ['container', 'binary'] });
    }
  }
}

describe('a registry that is unavailable', () => {
  afterEach(() => vi.unstubAllEnvs());

  it('is an error that names what was tried and what to install', async () => {
    vi.stubEnv('CONSUL_OLD_BIN', '/nowhere/consul');
    const missing = await locateRegistry('consul', { version: 'old', prefer: ['binary'] }).catch(String);
    expect(missing).toContain('no program "/nowhere/consul"');
    expect(missing).toContain('set CONSUL_OLD_BIN');
  });

  it('skips a test with a message, and fails it where CI is set', async () => {
    const written = vi.spyOn(process.stderr, 'write').mockReturnValue(true);
    vi.stubEnv('ETCD_BIN', '/nowhere/etcd');
    vi.stubEnv('CI', '');
    expect(await registryForTests('etcd', { prefer: ['binary'] })).toBeUndefined();
    expect(written).toHaveBeenCalledWith(expect.stringContaining('skipped, etcd is unavailable'));
    written.mockRestore();
    vi.stubEnv('CI', 'true');
    await expect(registryForTests('etcd', { prefer: ['binary'] })).rejects.toMatchObject({
      code: 'NOT_FOUND',
    });
  });
});

describe.skipIf(places.length === 0).each(places)('$name', ({ kind, location }) => {
  let server: RegistryServer;
  let origin: string;
  beforeAll(async () => {
    server = await startRegistryAt(location);
    origin = `http://${server.host}:${server.port}`;
  });
  afterAll(() => server?.stop());

  it('has its version and its URL', () => {
    expect(server.version).toMatch(/^\d+\.\d+\.\d+/);
    expect(server.url).toBe(`${kind}://${server.host}:${server.port}`);
  });

  it('given by its address: it is used, and neither killed nor stopped', async () => {
    const given = await startRegistryAt({ kind, how: 'given', url: server.url });
    expect(given).toMatchObject({ how: 'given', version: server.version, port: server.port });
    await expect(given.kill()).rejects.toMatchObject({ code: 'NOT_OURS' });
    await given.stop();
    await store[kind].put(origin);
  });

  it('killed and restarted: it has the same port and its data', async () => {
    await store[kind].put(origin);
    await server.kill();
    await expect(store[kind].has(origin)).rejects.toThrow('fetch failed');
    await server.start();
    expect(await store[kind].has(origin)).toBe(true);
  });

  it('frozen: it keeps connections and does not answer; thawed: it answers', async () => {
    await server.freeze();
    await expect(store[kind].has(origin)).rejects.toThrow('timeout');
    await server.thaw();
    await until(() => store[kind].has(origin).catch(() => false), {
      deadlineMs: 10_000,
      describe: () => 'the thawed registry to answer',
    });
  });

  it('killed while frozen and started with wipe: it is empty', async () => {
    await server.freeze();
    await server.kill();
    await server.start({ wipe: true });
    expect(await store[kind].has(origin)).toBe(false);
  });
});
