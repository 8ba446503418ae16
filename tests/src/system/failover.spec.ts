import { inventoryContract, type WatchStockResponse } from '@rollcall/contracts';
import { openRegistry } from '@rollcall/discovery';
import { registerResolver, createGrpcClient, resumeStream } from '@rollcall/discovery/grpc';
import {
  FailoverTracker,
  LoadGenerator,
  services,
  System,
  until,
  type AppProcess,
  type ServiceName,
} from '@rollcall/tools';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { registryCases, type RegistryUnderTest } from './registries.js';

/** A part of a page, whichever it is. */
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
    let registry: RegistryUnderTest;
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

    it('a product page has its three parts, each from a running instance', async () => {
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

    it('an unknown product is 404, a malformed id 400, each with a body that says so', async () => {
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
      let load: LoadGenerator;
      let failover: FailoverTracker;
      const calls = new Map<string, number>();
      const startLoad = async () => {
        calls.clear();
        failover = new FailoverTracker(performance.now());
        load = await LoadGenerator.start({
          url: system.url,
          onResponse(response) {
            failover.recordResponse(response);
            for (const [, instance] of response.servedBy) {
              calls.set(instance, (calls.get(instance) ?? 0) + 1);
            }
          },
        });
      };
      const answers = async (more: number) => {
        const enough = load.requests + more;
        await until(() => load.requests >= enough, {
          deadlineMs: 30_000,
          describe: () => `${enough} answers; there are ${load.requests}`,
        });
      };
      const called = (instance: string) =>
        until(() => calls.has(instance), { deadlineMs: 20_000, describe: () => `a call of ${instance}` });
      /** Pages that were under way may still bring parts of instances that have left: they are let pass. */
      const calledFromNowOn = async (instances: readonly AppProcess[]) => {
        await answers(120);
        calls.clear();
        await answers(200);
        return instances.filter(({ id }) => calls.has(id)).map(({ id }) => id);
      };
      /** Ends the load, prints what it noticed, and tells what failed. */
      const noticed = async (what: string) => {
        const { requests, failed, errors, latencyMs } = await load.stop();
        const gaps = failover.report(performance.now()).map(({ gapMs }) => `, gap ${gapMs} ms`);
        console.log(
          `${name}, ${what}: ${failed} of ${requests} failed, longest ${latencyMs.max} ms${gaps.join('')}`,
        );
        return { failed, errors };
      };
      const nothing = { failed: 0, errors: {} };
      afterEach(() => load?.stop());

      it('every instance is called', async () => {
        await startLoad();
        for (const service of services) for (const instance of running(service)) await called(instance);
        expect(await noticed('nothing happens')).toEqual(nothing);
        expect(calls.size).toBe(9);
      });

      it('kill -9 of one instance of each service in turn fails no request, and the replacements are called', async () => {
        await startLoad();
        const replacements: AppProcess[] = [];
        for (const service of services) {
          await answers(200);
          const victim = oldest(service);
          failover.recordKill(service, victim.id, performance.now());
          await victim.kill();
          await answers(200);
          replacements.push(await system.startInstance(service));
        }
        for (const { id } of replacements) await called(id);
        expect(await noticed('kill -9 of one of each')).toEqual(nothing);
      });

      it('SIGTERM of one instance of each service at once fails no request, and each exits 0', async () => {
        await startLoad();
        await answers(200);
        const leaving = services.map(oldest);
        for (const instance of leaving) instance.signal('SIGTERM');
        for (const instance of leaving) expect(await instance.exited).toEqual({ code: 0, signal: null });
        expect(await calledFromNowOn(leaving)).toEqual([]);
        expect(await noticed('SIGTERM of one of each')).toEqual(nothing);
        await Promise.all(
          services.map(async (service) => (await system.startInstance(service)).event('registered')),
        );
      });

      it('scaled 3 -> 5 -> 3, the new instances are called and then not, and no request fails', async () => {
        await startLoad();
        const added = await Promise.all([
          system.startInstance('inventory'),
          system.startInstance('inventory'),
        ]);
        for (const { id } of added) await called(id);
        for (const instance of added) instance.signal('SIGTERM');
        for (const instance of added) expect(await instance.exited).toEqual({ code: 0, signal: null });
        expect(await calledFromNowOn(added)).toEqual([]);
        expect(await noticed('scaled up and down')).toEqual(nothing);
      });
    });

    it('a watch of the stock goes on from another instance when the one that serves it is killed', async () => {
      const handle = await openRegistry(registry.url);
      const disconnect = registerResolver(handle);
      const inventory = createGrpcClient(inventoryContract, { target: `${handle.scheme}:///inventory` });
      const servedBy: string[] = [];
      const watched = resumeStream<WatchStockResponse>((last, { signal }) =>
        inventory
          .watchStock({ productId: product, seenAtMs: last?.observedAtMs ?? 0 }, { signal })
          .on('metadata', (headers) => servedBy.push(String(headers.get('x-instance-id')[0]))),
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
      disconnect();
      await handle.close();
      await (await system.startInstance('inventory')).event('registered');
      expect(new Set(servedBy).size).toBe(2);
      // What was seen of the first instance is not told again by the second.
      expect(seen[1]!.levels).not.toEqual(seen[0]!.levels);
    });

    it('with no review service the page is degraded, with no product service 503, and both come back', async () => {
      await leave('review');
      const degraded = await until(async () => (await page()).body.degraded && (await page()), {
        deadlineMs: 20_000,
        describe: () => 'a degraded page',
      });
      expect(degraded).toMatchObject({
        status: 200,
        body: { reviews: { unavailable: { code: 'UNAVAILABLE', message: expect.any(String) } } },
      });
      expect(degraded.body.product.servedBy).toBeDefined();

      await leave('product-detail');
      const away = await until(
        async () => {
          const answer = await page();
          return answer.status === 503 && answer;
        },
        { deadlineMs: 20_000, describe: () => '503' },
      );
      expect(Number(away.headers.get('retry-after'))).toBeGreaterThan(0);
      expect(away.body.error).toMatchObject({ code: 'UNAVAILABLE', message: expect.any(String) });

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

    async function leave(service: ServiceName) {
      await Promise.all(system.instances(service).map((instance) => instance.stop(10_000)));
    }
  });
}
