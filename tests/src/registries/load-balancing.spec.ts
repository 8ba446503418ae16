import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { openRegistry } from '@rollcall/discovery';
import { registerResolver } from '@rollcall/discovery/grpc';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { ServiceInstance } from '../scenarios/calls/instance.js';
import { countResponses } from './response-counts.js';

let directory: string;
let registryUrl: string;
let closeRegistry: () => Promise<void>;
const instances: ServiceInstance[] = [];

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'rollcall-test-'));
  registryUrl = pathToFileURL(directory).href;
  const registry = await openRegistry(registryUrl);
  const unregister = registerResolver(registry);
  closeRegistry = async () => {
    unregister();
    await registry.close();
  };
});
afterAll(async () => {
  await Promise.all(instances.map((instance) => instance.kill()));
  await closeRegistry();
  await rm(directory, { recursive: true, force: true });
});

/** Starts an instance of `service` for each of `weights`. */
async function serve(service: string, weights: readonly number[]): Promise<readonly string[]> {
  const started = await Promise.all(
    weights.map((weight, i) =>
      ServiceInstance.start({ registryUrl, service, id: `${service}-${i}`, host: '127.0.0.1', weight }),
    ),
  );
  instances.push(...started);
  await Promise.all(started.map((instance) => instance.serve()));
  return started.map(({ id }) => id);
}

it('round robin: each of N instances responds to 100 of 100 x N calls, give or take one', async () => {
  const ids = await serve('even', [1, 1, 1, 1]);
  for (const count of await countResponses('file:///even', ids, 400))
    expect(Math.abs(count - 100)).toBeLessThanOrEqual(1);
});

it('weighted policy: weights of 3 and 1 give responses of 3 to 1, within 2 %', async () => {
  const ids = await serve('uneven', [3, 1]);
  const [three = 0, one = 0] = await countResponses('file:///uneven', ids, 1_000, {
    loadBalancing: 'weighted',
  });
  expect(three + one).toBe(1_000);
  expect(Math.abs(three / 1_000 - 0.75)).toBeLessThanOrEqual(0.02);
});
