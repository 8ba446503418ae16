import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { until } from '../processes/until.js';
import { LoadGenerator } from './load-generator.js';
import type { PageResponse } from './page-response.js';

const completePage = {
  degraded: false,
  product: { servedBy: 'p1' },
  inventory: { servedBy: 'i1' },
  reviews: { servedBy: 'r1' },
};
describe('the load generator', () => {
  let server: Server | undefined;
  afterEach(() => server?.close());

  /** An aggregator that responds to the n-th request with `page(n)`, or resets the connection if that is undefined. */
  async function aggregator(page: (n: number) => unknown) {
    let requests = 0;
    let inFlight = 0;
    let mostInFlight = 0;
    server = createServer((request, response) => {
      if (request.url?.startsWith('/api/products?')) {
        response.end(JSON.stringify({ products: [{ id: 'a' }, { id: 'b' }] }));
        return;
      }
      mostInFlight = Math.max(mostInFlight, ++inFlight);
      const body = page(requests++);
      setImmediate(() => {
        inFlight--;
        if (body === undefined) request.socket.destroy();
        else response.end(JSON.stringify(body));
      });
    });
    await new Promise<void>((resolve) => void server?.listen(0, '127.0.0.1', resolve));
    return {
      url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
      requests: () => requests,
      mostInFlight: () => mostInFlight,
    };
  }

  it('limits the requests in flight, and stops without a failed request', async () => {
    const { url, requests, mostInFlight } = await aggregator(() => completePage);
    const load = await LoadGenerator.start({ url, inFlight: 7 });
    await until(() => load.requests >= 100, { deadlineMs: 5_000, describe: () => '100 responses' });
    const report = await load.stop();
    expect(report).toMatchObject({ failed: 0, errors: {}, requests: requests() });
    expect(report.latencyMs.max).toBeGreaterThan(0);
    expect(mostInFlight()).toBeLessThanOrEqual(7);
  });

  it('counts failures by reason, and reports each response', async () => {
    const { url } = await aggregator((n) =>
      n === 3 ? { ...completePage, degraded: true } : n === 5 ? undefined : completePage,
    );
    const responses: PageResponse[] = [];
    const load = await LoadGenerator.start({
      url,
      inFlight: 2,
      onResponse: (response) => void responses.push(response),
    });
    await until(() => load.requests >= 20, { deadlineMs: 5_000, describe: () => '20 responses' });
    const { requests, failed, errors } = await load.stop();
    expect({ failed, errors }).toEqual({ failed: 2, errors: { degraded: 1, UND_ERR_SOCKET: 1 } });
    expect(responses).toHaveLength(requests);
  });

  it('does not start when the products cannot be listed', async () => {
    server = createServer((_, response) => response.writeHead(503).end('{"error":{}}'));
    await new Promise<void>((resolve) => void server?.listen(0, '127.0.0.1', resolve));
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    await expect(LoadGenerator.start({ url })).rejects.toThrow('returned 503');
  });
});
