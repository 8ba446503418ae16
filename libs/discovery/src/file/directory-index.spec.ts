import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { DiscoveryError } from '../model/errors.js';
import { defineInstance } from '../model/instance.js';
import { Registry } from '../registry.js';
import { DirectoryIndex } from './directory-index.js';
import { fileBackend } from './index.js';
import { fileSettings } from './options.js';
import { encode, fileName } from './record.js';

type Callback = (error: Error | null, text: string) => void;
/** What `readFile` does in place of reading, if it returns true. */
let intercept: (path: string, done: Callback) => boolean = () => false;
vi.mock('node:fs', async (original) => {
  const fs = await original<typeof import('node:fs')>();
  const readFile = (path: string, options: unknown, done: Callback) =>
    intercept(path, done) || fs.readFile(path, options as 'utf8', done);
  return { ...fs, readFile };
});

let directory: string;
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'rollcall-index-'));
});
afterEach(async () => {
  intercept = () => false;
  await rm(directory, { recursive: true, force: true });
});

let lastPort = 0;
async function write(...names: string[]): Promise<void> {
  for (const name of names) {
    const [service, id] = name.split('.') as [string, string];
    const instance = defineInstance({ id, service, host: '127.0.0.1', port: ++lastPort });
    await writeFile(join(directory, fileName(instance)), encode({ instance }));
  }
}
const systemError = (code: string) => Object.assign(new Error(`${code}: failed`), { code });

it('too many open files: the session fails, and the last good list stays', async () => {
  await write('goods.a', 'goods.b');
  const registry = new Registry(fileBackend({ directory, scanIntervalMs: 20 }));
  const watch = registry.watch('goods');
  expect((await watch.ready()).instances).toHaveLength(2);
  intercept = (_, done) => {
    done(systemError('EMFILE'), '');
    return true;
  };
  await write('goods.c', 'goods.d', 'goods.e');
  await vi.waitFor(() => expect(watch.current.source).toBe('last-known-good'), { timeout: 5_000 });
  expect(watch.current.lastError?.message).toMatch(/^REGISTRY_UNAVAILABLE: .*EMFILE/);
  expect(watch.current.instances).toHaveLength(2);
  expect(watch.why().rejected.count).toBe(0);
  intercept = () => false;
  await vi.waitFor(() => expect(watch.current.instances).toHaveLength(5), { timeout: 5_000 });
  expect(watch.current.source).toBe('live');
  await registry.close();
});

it('a file that this user may not read is left out alone', async () => {
  await write('goods.a', 'goods.b');
  intercept = (path, done) => {
    if (!path.includes('goods.b')) return false;
    done(systemError('EACCES'), '');
    return true;
  };
  const index = new DirectoryIndex(fileSettings({ directory }));
  await index.refreshAll(() => true, true);
  index.update({ checkPids: true });
  expect(index.contents.instances.get('goods')).toHaveLength(1);
  expect([...index.contents.unreadable.values()]).toEqual([expect.any(DiscoveryError)]);
});

it('reads at most 16 files at once', async () => {
  await write(...Array.from({ length: 200 }, (_, index) => `goods.a${index}`));
  let reading = 0;
  let most = 0;
  intercept = (_, done) => {
    most = Math.max(most, ++reading);
    setTimeout(() => {
      reading -= 1;
      done(null, '');
    }, 1);
    return true;
  };
  await new DirectoryIndex(fileSettings({ directory })).refreshAll(() => true, true);
  expect(most).toBe(16);
});

it('forgets the files of services that nobody watches any more', async () => {
  await write('goods.a', ...Array.from({ length: 50 }, (_, index) => `goods-${index}.a`));
  const index = new DirectoryIndex(fileSettings({ directory }));
  await index.refreshAll(() => true, true);
  index.update({ checkPids: true });
  expect(index.contents.instances.size).toBe(51);
  await index.refreshAll((service) => service === 'goods', true);
  index.update({ checkPids: true });
  expect([...index.contents.instances.keys()]).toEqual(['goods']);
});

it('a service whose name is no DNS label can be watched', async () => {
  const instance = {
    ...defineInstance({ id: 'a', service: 'goods', host: '127.0.0.1', port: 1 }),
    service: 'User.rpc',
  };
  await writeFile(join(directory, fileName(instance)), encode({ instance }));
  const registry = new Registry(fileBackend({ directory }));
  expect((await registry.watch('User.rpc').ready()).instances).toEqual([instance]);
  await registry.close();
});
