import { chmod, chown, lstat, mkdir, mkdtemp, readdir, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { Registry } from '../registry.js';
import { fileBackend } from './index.js';

const goods = { id: 'a', service: 'goods', host: '127.0.0.1', port: 1 };
const isRoot = process.getuid?.() === 0;

/** A directory in which everybody can create one, as `/tmp`. */
let shared: string;
let directory: string;
let registry: Registry;
beforeEach(async () => {
  shared = await mkdtemp(join(tmpdir(), 'rollcall-shared-'));
  await chmod(shared, 0o1777);
  directory = join(shared, 'registry');
  registry = new Registry(fileBackend({ directory }), { backoff: { initialMs: 1, maxMs: 5 } });
});
afterEach(async () => {
  await registry.close();
  await rm(shared, { recursive: true, force: true });
});

async function expectRefused(reason: RegExp): Promise<void> {
  const watch = registry.watch('goods');
  const registration = registry.register(goods);
  await vi.waitFor(() => {
    for (const { lastError } of [watch.current, registration.state as { lastError?: Error }])
      expect(lastError?.message).toMatch(reason);
  });
  expect(watch.current.lastError?.message).toContain('set another one, such as file:///run/rollcall');
  expect(watch.current.source).toBe('none');
}

it('a link to a directory of another user is refused, and nothing is written through it', async () => {
  const planted = join(shared, 'planted');
  await mkdir(planted, { mode: 0o777 });
  await symlink(planted, directory);
  await expectRefused(/^REGISTRY_REFUSED: .*is a symbolic link/);
  await registry.close();
  expect(await readdir(planted)).toEqual([]);
});

it('a directory that others can write to is refused', async () => {
  await mkdir(directory);
  await chmod(directory, 0o777);
  await expectRefused(/^REGISTRY_REFUSED: .*is writable by other users/);
});

it.runIf(isRoot)('a directory of another user is refused', async () => {
  await mkdir(directory, { mode: 0o700 });
  await chown(directory, 65_534, 65_534);
  await expectRefused(/^REGISTRY_REFUSED: .*belongs to another user \(uid 65534\)/);
});

it('a directory of this user alone is used; one that is missing is created', async () => {
  const registration = registry.register(goods);
  await registration.registered();
  expect((await lstat(directory)).mode & 0o777).toBe(0o700);
  expect((await registry.watch('goods').ready()).instances).toHaveLength(1);
});

it('a shared directory in a protected place is used', async () => {
  await chmod(shared, 0o755);
  await mkdir(directory);
  await chmod(directory, 0o1777);
  await registry.register(goods).registered();
  expect((await registry.watch('goods').ready()).instances).toHaveLength(1);
});
