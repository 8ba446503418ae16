import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { freePort, registryForTests, services, startRegistryAt, System, until } from '@rollcall/tools';
import { afterEach, describe, expect, it } from 'vitest';

/** A registry that is not there yet. */
interface Absent {
  readonly url: string;
  arrive(): Promise<void>;
  close(): Promise<void>;
}

/** Ours to start when we like: an address that was given would be there from the beginning. */
const prefer = ['container', 'binary'] as const;
const cases = await Promise.all(
  (['consul', 'etcd'] as const).map(async (name) => {
    const location = await registryForTests(name, { prefer });
    return {
      name: name as string,
      missing: !location,
      async absent(): Promise<Absent> {
        if (!location) throw new Error(`no ${name} to be had`);
        const port = await freePort();
        let server: Awaited<ReturnType<typeof startRegistryAt>> | undefined;
        return {
          url: `${name}://127.0.0.1:${port}`,
          arrive: async () => void (server = await startRegistryAt(location, { port })),
          close: async () => server?.stop(),
        };
      },
    };
  }),
);
cases.unshift({ name: 'file', missing: false, absent: absentDirectory });

for (const { name, missing, absent } of cases) {
  describe.skipIf(missing)(`a ${name} registry that cannot be reached at start`, () => {
    let registry: Absent | undefined;
    let system: System | undefined;
    afterEach(async () => {
      await system?.stop();
      await registry?.close();
    });

    it('does not keep anyone from serving, and all is well when it comes', async () => {
      registry = await absent();
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
      const complaints = () => instances.map(({ id }) => (lines.get(id) ?? []).filter(isComplaint).length);
      await until(() => Math.min(...complaints()) > 0, {
        deadlineMs: 15_000,
        describe: () =>
          `each service to log that the registry is away; lines so far ${complaints().join(', ')}`,
      });
      // The registry is tried several times a second all the while.
      await new Promise((resolve) => setTimeout(resolve, 4_000));
      expect(complaints()).toEqual(instances.map(() => 1));
      expect(instances.filter(({ running }) => running)).toHaveLength(services.length);

      await registry.arrive();
      const arrivedAt = performance.now();
      await Promise.all(instances.map((instance) => instance.event('registered')));
      console.log(
        `${name}: all registered ${Math.round(performance.now() - arrivedAt)} ms after it answered`,
      );
      await system.ready();
      expect(await get('/api/products')).toMatchObject({ status: 200 });
    });
  });
}

function isComplaint(line: string): boolean {
  return (
    line.startsWith('{') && ['warn', 'error'].includes((JSON.parse(line) as { level?: string }).level ?? '')
  );
}

/** A directory that cannot be made, for a file is in its way. */
async function absentDirectory(): Promise<Absent> {
  const directory = await mkdtemp(join(tmpdir(), 'rollcall-test-'));
  const inTheWay = join(directory, 'registry');
  await writeFile(inTheWay, '');
  return {
    url: pathToFileURL(join(inTheWay, 'instances')).href,
    async arrive() {
      await rm(inTheWay);
      await mkdir(inTheWay);
    },
    close: () => rm(directory, { recursive: true, force: true }),
  };
}
