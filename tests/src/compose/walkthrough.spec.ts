import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { services, TrackedProcess } from '@rollcall/tools';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ServedBy } from './served-by.js';
import { composeUnavailable } from './docker.js';
import { ComposeStack } from './stack.js';

const unavailable = await composeUnavailable();
if (unavailable !== undefined) {
  if (process.env['CI']) throw new Error(`docker compose is unavailable: ${unavailable}`);
  process.stderr.write(`skipped, docker compose is unavailable: ${unavailable}\n`);
}

const devProgram = fileURLToPath(new URL('../../../tools/dist/dev/main.js', import.meta.url));
const pausedMs = 8_000;
const registries = ['consul://consul:8500', 'etcd://etcd:2379'];

describe.skipIf(unavailable !== undefined).each(registries)('docker compose up, %s', (registryUrl) => {
  const stack = new ComposeStack(registryUrl);
  let url: string;

  beforeAll(async () => {
    try {
      await stack.up('--build');
    } catch (error) {
      throw new Error(await stack.logs(), { cause: error });
    }
    url = await stack.url();
  });
  afterAll(() => stack.down());

  it('three instances of each service run, and every container is healthy', async () => {
    const containers = await stack.containers();
    expect(containers.filter(({ Health }) => Health !== 'healthy')).toEqual([]);
    const count = (service: string) => containers.filter(({ Service }) => Service === service).length;
    expect([...services, 'aggregator', 'consul', 'etcd'].map(count)).toEqual([3, 3, 3, 1, 1, 1]);
  });

  it.each([...services, 'aggregator'])(
    '%s runs under an init, as an ordinary user, and cannot write',
    async (app) => {
      const command = 'fs.readFileSync("/proc/1/cmdline", "utf8").split("\\0")';
      const write = '(() => { try { fs.writeFileSync("probe", ""); } catch ({ code }) { return code; } })()';
      const [argv, ...seen] = (await stack.evaluate(app, `[${command}, process.getuid(), ${write}]`)) as [
        string[],
      ];
      expect(argv[0]).toMatch(/init/);
      expect(argv).toEqual(expect.arrayContaining(['node', `apps/${app}/dist/main.js`]));
      expect(seen).toEqual([1000, 'EROFS']);
    },
  );

  it('the image ships neither sources nor tests', async () => {
    const files = 'fs.readdirSync(".", { recursive: true }).filter((path) => !path.includes("node_modules"))';
    const unwanted = '/(^|\\/)(src|testing|fixtures)(\\/|$)|\\.spec\\./';
    expect(await stack.evaluate('inventory', `${files}.filter((path) => ${unwanted}.test(path))`)).toEqual(
      [],
    );
  });

  it('every container has limits for memory, processes and logs', async () => {
    const limits = await stack.limits();
    expect(limits).toHaveLength((await stack.containers()).length);
    for (const { memory, pids, logSize } of limits) {
      expect({ memory, pids, logSize }).toEqual({ memory: 512 * 2 ** 20, pids: 128, logSize: '10m' });
    }
  });

  it('SIGTERM at every 50 ms of the start of a container: it exits with 0 or 143, and leaves nothing registered', async () => {
    const ids = new Map<string, number>();
    const pending = Array.from({ length: 24 }, (_, step) => step * 50);
    const worker = async () => {
      for (let afterMs = pending.shift(); afterMs !== undefined; afterMs = pending.shift()) {
        const id = `inventory-stopped-${afterMs}`;
        ids.set(id, await stack.runAndStop('inventory', id, afterMs));
      }
    };
    await Promise.all([worker(), worker()]);
    // 137 is SIGKILL, after the grace period.
    expect([...ids].filter(([, code]) => code !== 0 && code !== 143)).toEqual([]);
    const registered = `(await (await import("@rollcall/discovery")).openRegistry(process.env.REGISTRY_URL))`;
    const list = `(await ${registered}.watch("inventory").ready()).instances.map(({ id }) => id)`;
    const seen = (await stack.evaluate('inventory', list)) as string[];
    expect(seen).toHaveLength(3);
    expect(seen.filter((id) => ids.has(id))).toEqual([]);
  });

  it('the page, the list of products and a product with its three parts are served', async () => {
    const page = await fetch(url);
    expect(page.status).toBe(200);
    expect(page.headers.get('content-type')).toContain('text/html');
    const products = await productsAt(url);
    expect(products).toHaveLength(24);
    expect(await (await fetch(`${url}/api/products/${products[0]?.id}`)).json()).toMatchObject({
      degraded: false,
      product: { servedBy: expect.stringContaining('product-detail-') },
      inventory: { servedBy: expect.stringContaining('inventory-') },
      reviews: { servedBy: expect.stringContaining('review-') },
    });
  });

  // The port of etcd is not published, and containers reach their host by its address on Linux only.
  const reachable = registryUrl.startsWith('consul:') && process.platform === 'linux';
  it.runIf(reachable)('an instance of npm run dev --compose serves together with the replicas', async () => {
    const dev = await TrackedProcess.start({
      command: process.execPath,
      args: [devProgram, 'inventory', '--compose', '--port', '0'],
      env: { ...stack.env, INSTANCE_ID: 'inventory-dev' },
    });
    try {
      const report = await ServedBy.underLoad(url, async (servedBy) => {
        expect(await servedBy.untilInstances('inventory', 4)).toContain('inventory-dev');
        expect(await dev.stop(20_000)).toEqual({ code: 0, signal: null });
        expect(await servedBy.untilInstances('inventory', 3)).not.toContain('inventory-dev');
      });
      expect({ failed: report.failed, errors: report.errors }).toEqual({ failed: 0, errors: {} });
    } catch (error) {
      throw new Error(dev.lastLines.join('\n'), { cause: error });
    } finally {
      await dev.kill();
    }
  });

  it('a replica is killed under load: no request fails, the other two serve; up brings it back', async () => {
    const report = await ServedBy.underLoad(url, async (servedBy) => {
      const before = await servedBy.untilInstances('inventory', 3);
      const victim = (await stack.containers('inventory'))[0]?.Name ?? '';
      await stack.kill(victim);
      expect(before).toEqual(expect.arrayContaining(await servedBy.untilInstances('inventory', 2)));
      const dead = (await stack.containers('inventory')).filter(({ Name }) => Name === victim);
      expect(dead).toMatchObject([{ State: 'exited', ExitCode: 137 }]);
      await stack.up();
      await servedBy.untilInstances('inventory', 3);
    });
    expect({ failed: report.failed, errors: report.errors }).toEqual({ failed: 0, errors: {} });
  });

  it('a replica is paused (docker pause) under load: no request fails, the other two serve; unpaused, it serves again', async () => {
    const report = await ServedBy.underLoad(url, async (servedBy) => {
      await servedBy.untilInstances('inventory', 3);
      const paused = (await stack.containers('inventory'))[0]?.Name ?? '';
      const unpause = await stack.pause(paused);
      await servedBy.untilInstances('inventory', 2);
      await sleep(pausedMs);
      await unpause();
      await servedBy.untilInstances('inventory', 3);
    });
    expect({ failed: report.failed, errors: report.errors }).toEqual({ failed: 0, errors: {} });
  });

  it('a service is scaled to five and down to two under load: five and then two serve, no request fails', async () => {
    const report = await ServedBy.underLoad(url, async (servedBy) => {
      await stack.up('--scale', 'inventory=5');
      await servedBy.untilInstances('inventory', 5);
      await stack.up('--scale', 'inventory=2');
      await servedBy.untilInstances('inventory', 2);
    });
    expect({ failed: report.failed, errors: report.errors }).toEqual({ failed: 0, errors: {} });
  });

  it('all review instances are stopped: they drain and exit with 0, and the page is served without reviews', async () => {
    await stack.stop('review');
    const ended = await stack.containers('review');
    expect(ended.map(({ State, ExitCode }) => `${State} ${ExitCode}`)).toEqual(Array(3).fill('exited 0'));
    const [product] = await productsAt(url);
    const answer = await fetch(`${url}/api/products/${product?.id}`);
    expect(answer.status).toBe(200);
    expect(await answer.json()).toMatchObject({ degraded: true, reviews: { unavailable: {} } });
    const readiness = await fetch(`${url}/readyz`);
    expect(readiness.status).toBe(200);
    expect(await readiness.json()).toMatchObject({
      ready: true,
      dependencies: { review: { connected: false } },
    });
  });

  it('down removes every container', async () => {
    await stack.down();
    expect(await stack.containers()).toEqual([]);
  });
});

async function productsAt(url: string): Promise<{ id: string }[]> {
  const response = await fetch(`${url}/api/products?pageSize=24`);
  return ((await response.json()) as { products: { id: string }[] }).products;
}
