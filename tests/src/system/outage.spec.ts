import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { freePort, registryForTests, services, startRegistryAt, System, until } from '@rollcall/tools';
import { afterEach, describe, expect, it } from 'vitest';

/** A registry that is not running yet. */
interface StoppedRegistry {
  readonly url: string;
  start(): Promise<void>;
  close(): Promise<void>;
}

/** Servers that the test starts itself; one whose address was given would be running already. */
const prefer = ['container', 'binary'] as const;
const cases = await Promise.all(
  (['consul', 'etcd'] as const).map(async (name) => {
    const location = await registryForTests(name, { prefer });
    return {
      name: name as string,
      missing: !location,
      async create(): Promise<StoppedRegistry> {
        if (!location) throw new Error(`${name} is unavailable`);
        const port = await freePort();
        let server: Awaited<ReturnType<typeof startRegistryAt>> | undefined;
        return {
          url: `${name}://127.0.0.1:${port}`,
          start: async () => void (server = await startRegistryAt(location, { port })),
          close: async () => server?.stop(),
        };
      },
    };
  }),
);
cases.unshift({ name: 'file', missing: false, create: missingDirectory });

for (const { name, missing, create } of cases) {
  describe.skipIf(missing)(`a ${name} registry that is down at start`, () => {
    let registry: StoppedRegistry | undefined;
    let system: System | undefined;
    afterEach(async () => {
      await system?.stop();
      await registry?.close();
    });

    it('services serve without it, log it once, and register when it is up', async () => {
      registry = await create();
      const lines = new Map<string, string[]>();
      system = await System.start({
        registryUrl: registry.url,
        replicas: 1,
        waitFor: 'listening',
        onLine: (id, line) => void lines.set(id, [...(lines.get(id) ?? []), line]),
      });
      const { url } = system;
      const get = async (path: string) => {
        const response = await fetch(`${url}${path}`, { signal: AbortSignal.timeout(15_000) });
        return { status: response.status, headers: response.headers, body: await response.json() };
      };

      const refused = await get('/api/products');
      expect(refused).toMatchObject({ status: 503, body: { error: { code: 'UNAVAILABLE' } } });
      expect((refused.body as { error: { message: string } }).error.message).toContain('product-detail');
      expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0);
      expect(await get('/healthz')).toMatchObject({ status: 200 });
      const unready = await get('/readyz');
      expect(unready.status).toBe(503);
      for (const service of services) expect(JSON.stringify(unready.body)).toContain(service);

      const instances = services.flatMap((service) => system?.instances(service) ?? []);
      const warnings = () => instances.map(({ id }) => (lines.get(id) ?? []).filter(isWarning).length);
      await until(() => Math.min(...warnings()) > 0, {
        deadlineMs: 15_000,
        describe: () =>
          `each service to log that the registry is down; lines so far ${warnings().join(', ')}`,
      });
      // During this time the services try the registry several times a second.
      await new Promise((resolve) => setTimeout(resolve, 4_000));
      expect(warnings()).toEqual(instances.map(() => 1));
      expect(instances.filter(({ running }) => running)).toHaveLength(services.length);

      await registry.start();
      const startedAt = performance.now();
      await Promise.all(instances.map((instance) => instance.event('registered')));
      console.log(`${name}: all registered ${Math.round(performance.now() - startedAt)} ms after it started`);
      await system.ready();
      expect(await get('/api/products')).toMatchObject({ status: 200 });
    });
  });
}

function isWarning(line: string): boolean {
  return (
    line.startsWith('{') && ['warn', 'error'].includes((JSON.parse(line) as { level?: string }).level ?? '')
  );
}

/** A directory that cannot be created, because a file is in its place. */
async function missingDirectory(): Promise<StoppedRegistry> {
  const directory = await mkdtemp(join(tmpdir(), 'rollcall-test-'));
  const blockingFile = join(directory, 'registry');
  await writeFile(blockingFile, '');
  return {
    url: pathToFileURL(join(blockingFile, 'instances')).href,
    async start() {
      await rm(blockingFile);
      await mkdir(blockingFile);
    },
    close: () => rm(directory, { recursive: true, force: true }),
  };
}
