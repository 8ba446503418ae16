import { watch } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { defineInstance } from '../model/instance.js';
import { AnnounceRun } from '../testing/conformance/announce-run.js';
import { ObserveRun } from '../testing/conformance/observe-run.js';
import { DirectoryWatch } from './directory-watch.js';
import { fileBackend } from './index.js';

vi.mock('node:fs', async (original) => {
  const fs = await original<typeof import('node:fs')>();
  return { ...fs, watch: vi.fn<typeof fs.watch>(fs.watch) };
});

const timeoutMs = 5_000;
const instance = defineInstance({ id: 'a', service: 'goods', host: '127.0.0.1', port: 1 });

let directory: string;
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'rollcall-watch-'));
});
afterEach(async () => {
  vi.mocked(watch).mockClear();
  await rm(directory, { recursive: true, force: true });
});

it('the system has no notices: scans find new and removed instances', async () => {
  vi.mocked(watch).mockImplementation(() => {
    throw Object.assign(new Error('no space left for watchers'), { code: 'ENOSPC' });
  });
  const backend = fileBackend({ directory, scanIntervalMs: 50 });
  const observing = new ObserveRun(backend, 'goods', timeoutMs);
  expect(await observing.untilFirst()).toEqual([]);
  const announcing = new AnnounceRun(backend, instance, timeoutMs);
  await observing.untilHas(instance);
  await announcing.leave();
  await observing.untilHasNot(instance);
  expect(watch).toHaveBeenCalled();
  await observing.stop();
  vi.mocked(watch).mockReset();
});

it('several viewers: they share one watch, which ends with the last of them', async () => {
  const backend = fileBackend({ directory });
  const runs = [undefined, 'goods', 'goods', 'inventory'].map(
    (each) => new ObserveRun(backend, each, timeoutMs),
  );
  await Promise.all(runs.map((run) => run.untilFirst()));
  expect(watch).toHaveBeenCalledTimes(1);
  const close = vi.spyOn(vi.mocked(watch).mock.results[0]!.value, 'close');
  const [last, ...others] = runs;
  await Promise.all(others.map((run) => run.stop()));
  expect(close).not.toHaveBeenCalled();
  await last?.stop();
  expect(close).toHaveBeenCalledTimes(1);
});

it('the directory is replaced or deleted: a new watch, and onGone', async () => {
  const onGone = vi.fn<() => void>();
  const watching = new DirectoryWatch(directory, { onNotice: () => {}, onGone });
  expect([
    watching.ensureWatching('1'),
    watching.ensureWatching('1'),
    watching.ensureWatching('2'),
    watching.ensureWatching('2'),
  ]).toEqual([true, false, true, false]);
  await rm(directory, { recursive: true });
  await vi.waitFor(() => expect(onGone).toHaveBeenCalledTimes(1));
  expect(watching.ensureWatching('2')).toBe(true);
  watching.stop();
});
