import { existsSync } from 'node:fs';
import { mkdir, readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it, vi } from 'vitest';
import { withdraw } from '../registering/announce.js';
import {
  age,
  announce,
  announced,
  backend,
  dead,
  directory,
  foreign,
  instance,
  observe,
  pathOf,
  put,
} from './test-directory.spec.fixture.js';

describe('a registered instance', () => {
  it('creates a directory and a file that other users may not read', async () => {
    await announced();
    expect((await stat(directory)).mode & 0o777).toBe(0o700);
    expect((await stat(pathOf())).mode & 0o777).toBe(0o600);
  });

  it('deregisters: only the directory is left', async () => {
    const announcing = await announced();
    await announcing.leave();
    expect(await readdir(directory)).toEqual([]);
  });

  it('touches its file without writing it', async () => {
    await announced();
    const before = await stat(pathOf(), { bigint: true });
    await vi.waitFor(async () => {
      const now = await stat(pathOf(), { bigint: true });
      expect(now.mtimeNs).toBeGreaterThan(before.mtimeNs);
      expect(now.ino).toBe(before.ino);
    });
  });

  it.each([
    ['of a dead process', () => put(instance({ port: 2 }), dead)],
    ['that is stale', () => put(instance({ port: 2 }), foreign).then(() => age(pathOf()))],
    ['that is unreadable', () => mkdir(directory).then(() => writeFile(pathOf(), '{'))],
  ])('replaces a record %s', async (_, prepare) => {
    await prepare();
    await announced();
    expect(await observe().untilFirst()).toEqual([instance()]);
  });

  it('record of an owner that may be alive: CONFLICT', async () => {
    await put(instance({ port: 2 }), foreign);
    expect((await announce().failure()).message).toMatch(
      /^CONFLICT: .*goods\.a\.json is owned by process \d+, which is alive/,
    );
  });

  it('its file is written by another process: REGISTRATION_LOST, and the next write restores it', async () => {
    const announcing = await announced();
    await writeFile(pathOf(), (await readFile(pathOf(), 'utf8')).replace('127.0.0.1', '127.0.0.9'));
    expect((await announcing.failure()).code).toBe('REGISTRATION_LOST');
    await announced();
    expect(await readFile(pathOf(), 'utf8')).toContain('127.0.0.1');
  });

  it('deregisters after another owner took the record: it is kept', async () => {
    const announcing = await announced();
    await put(instance({ port: 2 }), foreign);
    announcing.abort();
    await vi.waitFor(() => expect(announcing.hasEnded).toBe(true));
    expect(await readFile(pathOf(), 'utf8')).toContain('elsewhere');
  });

  it('removes the record of an earlier session of its handle', async () => {
    await announced();
    await withdraw(backend.ownRecord(instance()));
    expect(existsSync(pathOf())).toBe(false);
  });

  it('removes expired records and temporary files of dead processes', async () => {
    const [old, fresh] = [instance({ id: 'old' }), instance({ id: 'fresh' })];
    const [half, theirs] = [
      join(directory, `.${crypto.randomUUID()}.tmp`),
      join(directory, 'goods.notes.json'),
    ];
    await put(old, dead);
    await put(fresh, dead);
    await put(instance({ id: 'unseen' }), foreign);
    await writeFile(half, '{');
    await writeFile(theirs, '{');
    for (const path of [pathOf(old), pathOf(instance({ id: 'unseen' })), half, theirs]) await age(path);
    await announced();
    await vi.waitFor(async () => {
      expect((await readdir(directory)).toSorted()).toEqual([
        'goods.a.json',
        'goods.fresh.json',
        'goods.notes.json',
        'goods.unseen.json',
      ]);
    });
  });
});
