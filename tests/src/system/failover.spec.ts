import { inventoryContract, type WatchStockResponse } from '@rollcall/contracts';
import { openRegistry } from '@rollcall/discovery';
import { createGrpcClient, registerResolver, resumeStream } from '@rollcall/discovery/grpc';
import { services, System, until, type AppProcess, type ServiceName } from '@rollcall/tools';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { PageLoad } from './page-load.js';
import { registryCases, type SystemRegistry } from './registries.js';

/** A part of a page. */
interface Part {
  servedBy?: string;
  tookMs?: number;
  unavailable?: { code: string; message: string };
  [field: string]: unknown;
}
interface Page {
  id: string;
  degraded: boolean;
  product: Part;
  inventory: Part;
  reviews: Part;
  error?: { code: string; message: string };
}

for (const { name, missing, open } of await registryCases()) {
  describe.skipIf(missing)(`the system on ${name}`, () => {
    let registry: SystemRegistry;
    let system: System;
    let product: string;

    beforeAll(async () => {
      registry = await open();
      system = await System.start({ registryUrl: registry.url });
      const { products } = (await (await get('/api/products?pageSize=1')).json()) as {
        products: { id: string }[];
      };
      product = products[0]?.id ?? '';
    });
    afterAll(async () => {
      await system?.stop();
      await registry?.close();
    });

    const get = (path: string) => fetch(`${system.url}${path}`, { signal: AbortSignal.timeout(10_000) });
    const page = async (id = product) => {
      const response = await get(`/api/products/${id}`);
      return { status: response.status, headers: response.headers, body: (await response.json()) as Page };
    };

    it('a product page has three parts, each from a running instance', async () => {
      const { status, body } = await page();
      expect(status).toBe(200);
      expect(body).toMatchObject({
        id: product,
        degraded: false,
        product: { title: expect.any(String), brand: expect.any(String), category: expect.any(String) },
        reviews: { summary: { count: expect.any(Number), mean: expect.any(Number) } },
      });
      const variants = body.inventory['variants'] as { sku: string; price: { currencyCode: string } }[];
      expect(variants.length).toBeGreaterThanOrEqual(2);
      expect(variants[0]?.price.currencyCode).toMatch(/^[A-Z]{3}$/);
      const summary = body.reviews['summary'] as { count: number; histogram: number[] };
      expect(summary.histogram.reduce((sum, stars) => sum + stars)).toBe(summary.count);
      for (const [part, service] of [
        [body.product, 'product-detail'],
        [body.inventory, 'inventory'],
        [body.reviews, 'review'],
      ] as const) {
        expect(running(service)).toContain(part.servedBy);
        expect(part.tookMs).toBeGreaterThanOrEqual(0);
      }
    });

    it('an unknown product is 404, a malformed id 400, each with an error body', async () => {
      expect(await page('no-such-product')).toMatchObject({
        status: 404,
        body: { error: { code: 'NOT_FOUND', message: expect.stringContaining('no-such-product') } },
      });
      expect(await page('%20%2F')).toMatchObject({
        status: 400,
        body: { error: { code: 'INVALID_ARGUMENT', message: expect.any(String) } },
      });
    });

    describe('under load', () => {
      let load: PageLoad | undefined;
      const noFailure = { failed: 0, errors: {} };
      afterEach(() => load?.close());

      it('every instance is called', async () => {
        load = await PageLoad.start(system.url);
        for (const service of services) {
          for (const instance of system.instances(service)) await load.untilServedBy(instance);
        }
        expect(await load.stop(`${name}, without faults`)).toEqual(noFailure);
        expect(load.instances).toBe(9);
      });

      it('one instance of each service is killed (SIGKILL) in turn: no request fails, the replacements are called', async () => {
        load = await PageLoad.start(system.url);
        const replacements: AppProcess[] = [];
        for (const service of services) {
          await load.untilResponses(200);
          await load.kill(service, oldest(service));
          await load.untilResponses(200);
          replacements.push(await system.startInstance(service));
        }
        for (const replacement of replacements) await load.untilServedBy(replacement);
        expect(await load.stop(`${name}, SIGKILL of one of each`)).toEqual(noFailure);
      });

      it('one instance of each service gets SIGTERM at once: no request fails, each exits with 0', async () => {
        load = await PageLoad.start(system.url);
        await load.untilResponses(200);
        const terminated = services.map(oldest);
        for (const instance of terminated) instance.signal('SIGTERM');
        for (const instance of terminated) expect(await instance.exited).toEqual({ code: 0, signal: null });
        expect(await load.stillServing(terminated)).toEqual([]);
        expect(await load.stop(`${name}, SIGTERM of one of each`)).toEqual(noFailure);
        await Promise.all(
          services.map(async (service) => (await system.startInstance(service)).event('registered')),
        );
      });

      it('a service is scaled from 3 to 5 and back: the new instances are called, no request fails', async () => {
        load = await PageLoad.start(system.url);
        const added = await Promise.all([
          system.startInstance('inventory'),
          system.startInstance('inventory'),
        ]);
        for (const instance of added) await load.untilServedBy(instance);
        for (const instance of added) instance.signal('SIGTERM');
        for (const instance of added) expect(await instance.exited).toEqual({ code: 0, signal: null });
        expect(await load.stillServing(added)).toEqual([]);
        expect(await load.stop(`${name}, scaled up and down`)).toEqual(noFailure);
      });
    });

    it('the instance that serves a stock watch is killed: the watch resumes on another one', async () => {
      const handle = await openRegistry(registry.url);
      const unregister = registerResolver(handle);
      const inventory = createGrpcClient(inventoryContract, { target: `${handle.scheme}:///inventory` });
      const servedBy: string[] = [];
      const watched = resumeStream<WatchStockResponse>((last, { signal }) =>
        inventory.watchStock(
          { productId: product, seenAtMs: last?.observedAtMs ?? 0 },
          { signal, onHeaders: (headers) => servedBy.push(String(headers.get('x-instance-id')[0])) },
        ),
      );
      const seen: WatchStockResponse[] = [];
      for await (const stock of watched) {
        seen.push(stock);
        if (seen.length === 2) break;
        await system
          .instances('inventory')
          .find(({ id }) => id === servedBy[0])
          ?.kill();
      }
      inventory.close();
      unregister();
      await handle.close();
      await (await system.startInstance('inventory')).event('registered');
      expect(new Set(servedBy).size).toBe(2);
      // The second instance does not repeat what the first one sent.
      expect(seen[1]!.levels).not.toEqual(seen[0]!.levels);
    });

    it('no review instance: the page is degraded; no product instance: 503; both recover', async () => {
      await stopAll('review');
      const degraded = await until(async () => (await page()).body.degraded && (await page()), {
        deadlineMs: 20_000,
        describe: () => 'a degraded page',
      });
      expect(degraded).toMatchObject({
        status: 200,
        body: { reviews: { unavailable: { code: 'UNAVAILABLE', message: expect.any(String) } } },
      });
      expect(degraded.body.product.servedBy).toBeDefined();

      await stopAll('product-detail');
      const unavailable = await until(
        async () => {
          const response = await page();
          return response.status === 503 && response;
        },
        { deadlineMs: 20_000, describe: () => '503' },
      );
      expect(Number(unavailable.headers.get('retry-after'))).toBeGreaterThan(0);
      expect(unavailable.body.error).toMatchObject({ code: 'UNAVAILABLE', message: expect.any(String) });

      await Promise.all(
        (['review', 'product-detail'] as const).map(async (service) =>
          (await system.startInstance(service)).event('registered'),
        ),
      );
      await until(async () => (await page()).body.degraded === false, {
        deadlineMs: 20_000,
        describe: () => 'a whole page',
      });
    });

    function running(service: ServiceName): string[] {
      return system.instances(service).map(({ id }) => id);
    }

    function oldest(service: ServiceName) {
      const [instance] = system.instances(service);
      if (!instance) throw new Error(`no ${service} runs`);
      return instance;
    }

    async function stopAll(service: ServiceName) {
      await Promise.all(system.instances(service).map((instance) => instance.stop(10_000)));
    }
  });
}
