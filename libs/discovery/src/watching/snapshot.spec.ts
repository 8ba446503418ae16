import { mkdtemp, readdir, readFile, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { DiscoveryError } from '../model/errors.js';
import { defineInstance } from '../model/instance.js';
import { Registry, type RegistryOptions, type Watch } from '../registry.js';
import { SnapshotFile } from './snapshot.js';
import { ScriptedBackend } from '../testing/scripted-backend.js';

const unavailable = new DiscoveryError('REGISTRY_UNAVAILABLE', 'unavailable');
const instance = (id: string, port: number) =>
  defineInstance({ id, service: 'goods', host: '10.0.0.1', port, tags: ['v2'], metadata: { owner: 'shop' } });
const [a, b] = [instance('a', 1), instance('b', 2)];
const hour = 3_600_000;

let directory: string;
let path: string;
let backend: ScriptedBackend;
let registry: Registry;
let lines: string[];

beforeEach(async () => {
  directory = join(await mkdtemp(join(tmpdir(), 'rollcall-snapshot-')), 'state');
  path = join(directory, 'goods.json');
});
afterEach(async () => {
  await registry?.close();
  await rm(join(directory, '..'), { recursive: true, force: true });
});

function open(options: RegistryOptions = { snapshot: { directory } }): Watch {
  backend = new ScriptedBackend();
  lines = [];
  const log = (_: string, message: string) => lines.push(message);
  registry = new Registry(backend, { backoff: { initialMs: 1, maxMs: 5 }, log, ...options });
  return registry.watch('goods');
}

const until = (watch: Watch, expected: object) =>
  vi.waitFor(() => expect(watch.current).toMatchObject(expected), { timeout: 5_000, interval: 5 });
const written = async () =>
  JSON.parse(await readFile(path, 'utf8')) as { takenAt: string; instances: unknown[] };
const untilWritten = (count: number) =>
  vi.waitFor(async () => expect((await written()).instances).toHaveLength(count), { timeout: 5_000 });

/** Writes a snapshot as an earlier process would have, `ageMs` ago. */
async function writeEarlier(content: string | { ageMs: number }): Promise<void> {
  await new SnapshotFile({ directory }, 'goods').write([a, b]);
  if (typeof content === 'string') return writeFile(path, content);
  const takenAt = new Date(Date.now() - content.ageMs).toISOString();
  await writeFile(path, JSON.stringify({ ...(await written()), takenAt }));
}

describe('a snapshot is written', () => {
  it('only if a directory is given', async () => {
    const watch = open({});
    backend.observed.push([a]);
    await watch.ready();
    await registry.close();
    await expect(stat(directory)).rejects.toThrow('ENOENT');
  });

  it('on each change of the set, readable by its owner only, without leftover temporary files', async () => {
    const watch = open();
    backend.observed.push([a]);
    await watch.ready();
    await untilWritten(1);
    backend.observed.push([a, b]);
    await untilWritten(2);
    expect((await stat(path)).mode & 0o777).toBe(0o600);
    expect((await stat(directory)).mode & 0o777).toBe(0o700);
    expect(await readdir(directory)).toEqual(['goods.json']);
  });

  it('at most once a second, also after many changes, and at last when the registry is closed', async () => {
    const write = vi.spyOn(SnapshotFile.prototype, 'write');
    const watch = open();
    const all = Array.from({ length: 20 }, (_, number) => instance(`i-${number}`, number + 1));
    for (let count = 1; count <= all.length; count++) {
      backend.observed.push(all.slice(0, count));
      await vi.waitFor(() => expect(watch.current.instances).toHaveLength(count), { timeout: 5_000 });
    }
    await registry.close();
    expect((await written()).instances).toHaveLength(all.length);
    expect(write.mock.calls.length).toBeLessThan(all.length);
    write.mockRestore();
  });

  it('again when the registry lists the same set again, so that its age starts from there', async () => {
    const watch = open({ snapshot: { directory }, relistMs: 20 });
    backend.observed.push([a, b]);
    await watch.ready();
    await untilWritten(2);
    await writeEarlier({ ageMs: hour });
    await vi.waitFor(
      async () => {
        backend.observed.push([a, b]);
        expect(Date.now() - Date.parse((await written()).takenAt)).toBeLessThan(hour / 2);
      },
      { timeout: 5_000 },
    );
  });

  it('atomically: with many writers at once, a reader never sees a partial file', async () => {
    const files = Array.from({ length: 4 }, () => new SnapshotFile({ directory }, 'goods'));
    await files[0]!.write([a]);
    for (let round = 0; round < 25; round++) {
      const writing = Promise.all(files.map((file) => file.write([a, b])));
      expect((await files[0]!.read())?.instances.length).toBeGreaterThan(0);
      await writing;
    }
    expect(await readdir(directory)).toEqual(['goods.json']);
  });
});

describe('a start with a registry that was wiped', () => {
  it('holds the instances of the snapshot back, and does not overwrite it', async () => {
    await writeEarlier({ ageMs: hour });
    const watch = open();
    backend.observed.push([]);
    await until(watch, { source: 'live', instances: [a, b], held: ['a', 'b'] });
    await registry.close();
    expect((await written()).instances).toHaveLength(2);
  });
});

it('a temporary file that a crashed writer left is removed by the next one, and no other', async () => {
  await writeEarlier({ ageMs: hour });
  const [old, recent, other] = ['goods.json.1.tmp', 'goods.json.2.tmp', 'basket.json.1.tmp'].map((name) =>
    join(directory, name),
  ) as [string, string, string];
  for (const each of [old, recent, other]) await writeFile(each, '{"serv');
  for (const each of [old, other]) await utimes(each, new Date(0), new Date(0));
  await new SnapshotFile({ directory }, 'goods').write([a]);
  expect((await readdir(directory)).toSorted()).toEqual([
    'basket.json.1.tmp',
    'goods.json',
    'goods.json.2.tmp',
  ]);
});

describe('a start while the registry is unavailable', () => {
  it('uses the snapshot, with source and age', async () => {
    await writeEarlier({ ageMs: hour });
    const watch = open();
    backend.observed.fail(unavailable);
    await until(watch, { source: 'snapshot', instances: [a, b], lastError: unavailable });
    expect(watch.why()).toMatchObject({
      source: 'snapshot',
      lastError: { code: 'REGISTRY_UNAVAILABLE' },
    });
    expect(watch.why().ageMs).toBeGreaterThanOrEqual(hour);
    expect(Date.now() - watch.current.since.getTime()).toBeGreaterThanOrEqual(hour);
    expect(lines).toContainEqual(expect.stringContaining('starting from the snapshot of'));
  });

  it('is live as soon as the registry is back, with the instances it lists', async () => {
    await writeEarlier({ ageMs: hour });
    const watch = open();
    backend.observed.fail(unavailable);
    await until(watch, { source: 'snapshot' });
    backend.observed.push([a]);
    await until(watch, { source: 'live', instances: [a] });
  });

  it('holds the instances back when the registry comes back empty', async () => {
    await writeEarlier({ ageMs: hour });
    const watch = open();
    backend.observed.fail(unavailable);
    await until(watch, { source: 'snapshot' });
    backend.observed.push([]);
    await until(watch, { source: 'live', instances: [a, b], held: ['a', 'b'] });
  });

  it('ignores a snapshot that is too old, and logs it', async () => {
    await writeEarlier({ ageMs: 25 * hour });
    const watch = open();
    backend.observed.fail(unavailable);
    await until(watch, { lastError: unavailable });
    expect(watch.current).toMatchObject({ source: 'none', instances: [] });
    expect(lines).toContainEqual(
      expect.stringMatching(/taken at .*maximum age is 86400000 ms; starting without a snapshot/),
    );
  });

  it('ignores a snapshot from the future, and logs it', async () => {
    await writeEarlier({ ageMs: -10 * 365 * 24 * hour });
    const watch = open();
    backend.observed.fail(unavailable);
    await until(watch, { lastError: unavailable });
    expect(watch.current).toMatchObject({ source: 'none', instances: [] });
    expect(lines).toContainEqual(
      expect.stringMatching(/taken in the future, at .*; starting without a snapshot/),
    );
  });

  it.each([
    ['that is truncated', '{"service":"goods","takenAt":"2026-01-01T00:0'],
    ['that is empty', ''],
    [
      'with an invalid record',
      JSON.stringify({ service: 'goods', takenAt: new Date(), instances: [{ ...a, port: 0 }] }),
    ],
    ['of another service', JSON.stringify({ service: 'basket', takenAt: new Date(), instances: [] })],
    ['without a time', JSON.stringify({ service: 'goods', instances: [] })],
    ['that is null', 'null'],
  ])('ignores a snapshot %s, and logs it once', async (_, content) => {
    await writeEarlier(content);
    const watch = open();
    backend.observed.fail(unavailable);
    backend.observed.fail(unavailable);
    await until(watch, { lastError: unavailable });
    expect(watch.current.source).toBe('none');
    expect(lines.filter((line) => line.includes('starting without a snapshot'))).toHaveLength(1);
  });

  it('works without a snapshot file, and logs nothing about it', async () => {
    const watch = open();
    backend.observed.fail(unavailable);
    await until(watch, { lastError: unavailable });
    expect(lines.some((line) => line.includes('snapshot'))).toBe(false);
  });
});

it('a registry that is reachable takes precedence over the snapshot', async () => {
  await writeEarlier({ ageMs: hour });
  const watch = open();
  const sources: string[] = [];
  watch.onChange(({ source }) => sources.push(source));
  backend.observed.push([b]);
  await until(watch, { source: 'live', instances: [b] });
  backend.observed.fail(unavailable);
  await until(watch, { source: 'last-known-good', instances: [b] });
  expect(new Set(sources)).toEqual(new Set(['live', 'last-known-good']));
});

it('each name has a file of its own in the directory, also the catalogue and names in upper case', () => {
  const services = ['*', 'all', '_all', '%5fall', 'user.rpc', 'user/rpc', 'User', 'user', '..', 'ü'];
  const paths = services.map((service) => new SnapshotFile({ directory }, service).path);
  expect(new Set(paths.map((each) => each.toLowerCase())).size).toBe(services.length);
  for (const each of paths) expect(dirname(each)).toBe(directory);
});
