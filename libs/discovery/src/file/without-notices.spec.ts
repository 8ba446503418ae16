import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, vi } from 'vitest';
import { defineInstance } from '../instance.js';
import { Announcing } from '../testing/conformance/announcing.js';
import { Observing } from '../testing/conformance/observing.js';
import { fileBackend } from './index.js';

const watch = vi.hoisted(() =>
  vi.fn<() => never>(() => {
    throw Object.assign(new Error('ENOSPC: System limit for number of file watchers reached'), {
      code: 'ENOSPC',
    });
  }),
);
vi.mock('node:fs', async (original) => ({ ...(await original<typeof import('node:fs')>()), watch }));

it('a system that gives no notices: the scan sees who comes and who goes', async () => {
  const directory = await mkdtemp(join(tmpdir(), 'rollcall-file-'));
  const backend = fileBackend({ directory, scanIntervalMs: 50 });
  const instance = defineInstance({ id: 'a', service: 'goods', host: '127.0.0.1', port: 1 });
  const observing = new Observing(backend, 'goods', 5_000);
  expect(await observing.untilFirst()).toEqual([]);
  const announcing = new Announcing(backend, instance, 5_000);
  await observing.untilHas(instance);
  await announcing.leave();
  await observing.untilHasNot(instance);
  expect(watch).toHaveBeenCalled();
  await observing.stop();
  await rm(directory, { recursive: true });
});
