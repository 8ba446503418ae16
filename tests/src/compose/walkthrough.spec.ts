import { services } from '@rollcall/tools';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Spread } from './spread.js';
import { ComposeStack, missingForCompose } from './stack.js';

const missing = await missingForCompose();
if (missing !== undefined) {
  if (process.env['CI']) throw new Error(`no docker compose to be had: ${missing}`);
  process.stderr.write(`skipped, no docker compose to be had: ${missing}\n`);
}

const registries = ['consul://consul:8500', 'etcd://etcd:2379'];

describe.skipIf(missing !== undefined).each(registries)('docker compose up, %s', (registryUrl) => {
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

  it('three of each service, every container healthy', async () => {
    const containers = await stack.containers();
    expect(containers.filter(({ Health }) => Health !== 'healthy')).toEqual([]);
    const count = (service: string) => containers.filter(({ Service }) => Service === service).length;
    expect([...services, 'aggregator', 'consul', 'etcd'].map(count)).toEqual([3, 3, 3, 1, 1, 1]);
  });

  it.each([...services, 'aggregator'])('%s is process 1, an ordinary user, and cannot write', async (app) => {
    const command = 'fs.readFileSync("/proc/1/cmdline", "utf8").split("\\0").slice(0, 2)';
    const write = '(() => { try { fs.writeFileSync("probe", ""); } catch ({ code }) { return code; } })()';
    const seen = await stack.evaluate(app, `[...${command}, process.getuid(), ${write}]`);
    expect(seen).toEqual(['node', `apps/${app}/dist/main.js`, 1000, 'EROFS']);
  });

  it('the page, the list of products and a product of three parts are there', async () => {
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

  it('a replica is killed under load, no request fails and two others serve; up brings it back', async () => {
    const report = await Spread.under(url, async (spread) => {
      const before = await spread.of('inventory', 3);
      const victim = (await stack.containers('inventory'))[0]?.Name ?? '';
      await stack.kill(victim);
      expect(before).toEqual(expect.arrayContaining(await spread.of('inventory', 2)));
      const dead = (await stack.containers('inventory')).filter(({ Name }) => Name === victim);
      expect(dead).toMatchObject([{ State: 'exited', ExitCode: 137 }]);
      await stack.up();
      await spread.of('inventory', 3);
    });
    expect(report).toMatchObject({ failed: 0, errors: {} });
  });

  it('scaled to five and down to two under load, five and then two serve and no request fails', async () => {
    const report = await Spread.under(url, async (spread) => {
      await stack.up('--scale', 'inventory=5');
      await spread.of('inventory', 5);
      await stack.up('--scale', 'inventory=2');
      await spread.of('inventory', 2);
    });
    expect(report).toMatchObject({ failed: 0, errors: {} });
  });

  it('all reviews stopped, they drain to exit code 0 and the page does without them', async () => {
    await stack.stop('review');
    const ended = await stack.containers('review');
    expect(ended.map(({ State, ExitCode }) => `${State} ${ExitCode}`)).toEqual(Array(3).fill('exited 0'));
    const [product] = await productsAt(url);
    const answer = await fetch(`${url}/api/products/${product?.id}`);
    expect(answer.status).toBe(200);
    expect(await answer.json()).toMatchObject({ degraded: true, reviews: { unavailable: {} } });
  });

  it('down leaves no container', async () => {
    await stack.down();
    expect(await stack.containers()).toEqual([]);
  });
});

async function productsAt(url: string): Promise<{ id: string }[]> {
  const answer = await fetch(`${url}/api/products?pageSize=24`);
  return ((await answer.json()) as { products: { id: string }[] }).products;
}
