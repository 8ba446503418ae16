import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { until } from '../processes/condition.js';
import type { Answer } from './answer.js';
import { Load } from './load.js';

const whole = {
  degraded: false,
  product: { servedBy: 'p1' },
  inventory: { servedBy: 'i1' },
  reviews: { servedBy: 'r1' },
};
describe('the load', () => {
  let server: Server | undefined;
  afterEach(() => server?.close());

  /** An aggregator that answers the n-th page request with `page(n)`; a page that is undefined cuts the connection. */
  async function aggregator(page: (n: number) => unknown) {
    let asked = 0;
    let open = 0;
    let most = 0;
    server = createServer((request, response) => {
      if (request.url?.startsWith('/api/products?')) {
        response.end(JSON.stringify({ products: [{ id: 'a' }, { id: 'b' }] }));
        return;
      }
      most = Math.max(most, ++open);
      const body = page(asked++);
      setImmediate(() => {
        open--;
        if (body === undefined) request.socket.destroy();
        else response.end(JSON.stringify(body));
      });
    });
    await new Promise<void>((resolve) => void server?.listen(0, '127.0.0.1', resolve));
    return {
      url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
      asked: () => asked,
      most: () => most,
    };
  }

  it('keeps the number in flight, and stopping it fails no request', async () => {
    const { url, asked, most } = await aggregator(() => whole);
    const load = await Load.start({ url, inFlight: 7 });
    await until(() => load.requests >= 100, { deadlineMs: 5_000, describe: () => '100 answers' });
    const report = await load.stop();
    expect(report).toMatchObject({ failed: 0, errors: {}, requests: asked() });
    expect(report.latencyMs.max).toBeGreaterThan(0);
    expect(most()).toBeLessThanOrEqual(7);
  });

  it('counts what failed by its reason, and tells of each answer', async () => {
    const { url } = await aggregator((n) =>
      n === 3 ? { ...whole, degraded: true } : n === 5 ? undefined : whole,
    );
    const answers: Answer[] = [];
    const load = await Load.start({ url, inFlight: 2, onAnswer: (answer) => void answers.push(answer) });
    await until(() => load.requests >= 20, { deadlineMs: 5_000, describe: () => '20 answers' });
    const { requests, failed, errors } = await load.stop();
    expect({ failed, errors }).toEqual({ failed: 2, errors: { degraded: 1, UND_ERR_SOCKET: 1 } });
    expect(answers).toHaveLength(requests);
  });

  it('does not begin where the products cannot be listed', async () => {
    server = createServer((_, response) => response.writeHead(503).end('{"error":{}}'));
    await new Promise<void>((resolve) => void server?.listen(0, '127.0.0.1', resolve));
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    await expect(Load.start({ url })).rejects.toThrow('answered 503');
  });
});
