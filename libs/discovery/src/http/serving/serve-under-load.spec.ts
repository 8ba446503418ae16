import { fetch } from 'undici';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { LoadEnvironment, withoutFailure } from '../../grpc/serving/fixtures/load.js';
import { discoverHttp } from '../discover-http.js';

vi.setConfig({ testTimeout: 120_000, hookTimeout: 60_000 });

let environment: LoadEnvironment;
beforeEach(async () => {
  environment = await LoadEnvironment.start();
});
afterEach(() => environment.close());

it('node:http: SIGTERM of one of three servers under 20 callers: no request fails, idempotent or not', async () => {
  const web = discoverHttp(environment.registry, 'web');
  await web.ready(AbortSignal.timeout(10_000));
  const { dispatcher } = web;
  const termination = await environment.terminateOne(async (n) => {
    const method = n % 2 === 0 ? 'GET' : 'POST';
    const response = await fetch(`http://web/${(n * 7) % 50}`, { dispatcher, method });
    if (!response.ok) throw new Error(`status ${response.status}`);
    return response.text();
  });
  await dispatcher.close();
  expect(termination).toEqual(withoutFailure);
});
