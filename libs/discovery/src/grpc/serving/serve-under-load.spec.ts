import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { echoContract } from '../fixtures/echo.js';
import { createGrpcClient } from '../client/grpc-client.js';
import { registerResolver } from '../resolver/register-resolver.js';
import { LoadEnvironment, withoutFailure } from './fixtures/load.js';

vi.setConfig({ testTimeout: 120_000, hookTimeout: 60_000 });

let environment: LoadEnvironment;
beforeEach(async () => {
  environment = await LoadEnvironment.start();
});
afterEach(() => environment.close());

it('grpc-js: SIGTERM of one of three servers under 20 callers: no call fails, idempotent or not', async () => {
  const unregister = registerResolver(environment.registry);
  const client = createGrpcClient(echoContract, { target: 'file:///echo' });
  const termination = await environment.terminateOne(async (n) => {
    const { text } = await client[n % 2 === 0 ? 'get' : 'add']({ text: String((n * 7) % 50) });
    return text;
  });
  client.close();
  unregister();
  expect(termination).toEqual(withoutFailure);
});
