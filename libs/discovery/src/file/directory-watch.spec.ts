import { watch } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { defineInstance } from '../model/instance.js';
import { Announcing } from '../testing/conformance/announcing.js';
import { Observing } from '../testing/conformance/observing.js';
import { DirectoryWatch } from './directory-watch.js';
import { fileBackend } from './index.js';

vi.mock('node:fs', async (original) => {
  const fs = await original<typeof import('node:fs')>();
  return { ...fs, watch: vi.fn<typeof fs.watch>(fs.watch) };
});

const patienceMs = 5_000;
const instance = defineInstance({ id: 'a', service: 'goods', host: '127.0.0.1', port: 1 });

let directory: string;
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'rollcall-notices-'));
});
afterEach(async () => {
  vi.mocked(watch).mockClear();
  await rm(directory, { recursive: true, force: true });
});

it('a system that gives no notices: the scan sees who comes and who goes', async () => {
  vi.mocked(watch).mockImplementation(() => {
    throw Object.assign(new Error('no space left for watchers'), { code: 'ENOSPC' });
  });
  const backend = fileBackend({ directory, scanIntervalMs: 50 });
  const observing = new Observing(backend, 'goods', patienceMs);
  expect(await observing.untilFirst()).toEqual([]);
  const announcing = new Announcing(backend, instance, patienceMs);
  await observing.untilHas(instance);
  await announcing.leave();
  await observing.untilHasNot(instance);
  expect(watch).toHaveBeenCalled();
  await observing.stop();
  vi.mocked(watch).mockReset();
});

it('all who look share one watch, which ends with the last of them', async () => {
  const backend = fileBackend({ directory });
  const looks = [undefined, 'goods', 'goods', 'inventory'].map(
    (each) => new Observing(backend, each, patienceMs),
  );
  await Promise.all(looks.map((look) => look.untilFirst()));
  expect(watch).toHaveBeenCalledTimes(1);
  const close = vi.spyOn(vi.mocked(watch).mock.results[0]!.value, 'close');
  const [last, ...others] = looks;
  await Promise.all(others.map((look) => look.stop()));
  expect(close).not.toHaveBeenCalled();
  await last?.stop();
  expect(close).toHaveBeenCalledTimes(1);
});

it('a watch is armed once for each directory that stands there, and tells when it is gone', async () => {
  const gone = vi.fn<() => void>();
  const watching = new DirectoryWatch(directory, { notice: () => {}, gone });
  expect([watching.arm('1'), watching.arm('1'), watching.arm('2'), watching.arm('2')]).toEqual([
    true,
    false,
    true,
    false,
  ]);
  await rm(directory, { recursive: true });
  await vi.waitFor(() => expect(gone).toHaveBeenCalledTimes(1));
  expect(watching.arm('2')).toBe(true);
  watching.disarm();
});
