import { mkdir, mkdtemp, rename, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, vi } from 'vitest';
import type { Backend } from '../backend/backend.js';
import { defineInstance, type Instance, type InstanceInit } from '../model/instance.js';
import { AnnounceRun } from '../testing/conformance/announce-run.js';
import { ObserveRun } from '../testing/conformance/observe-run.js';
import { fileBackend, type FileOptions } from './index.js';
import { newOwner, type Owner } from './owner.js';
import { encode, fileName } from './record.js';

export const timeoutMs = 5_000;

let parent: string;
export let directory: string;
export let backend: Backend;
export let sessions: (AnnounceRun | ObserveRun)[];

beforeEach(async () => {
  parent = await mkdtemp(join(tmpdir(), 'rollcall-file-'));
  directory = join(parent, 'registry');
  backend = open();
  sessions = [];
});
afterEach(async () => {
  vi.restoreAllMocks();
  await Promise.all(sessions.map((each) => (each instanceof ObserveRun ? each.stop() : each.leave())));
  await rm(parent, { recursive: true, force: true });
});

/** Without `staleAfterMs`, nothing becomes stale. */
export function open(options: Partial<FileOptions> = {}): Backend {
  return fileBackend({ directory, heartbeatMs: 100, staleAfterMs: 60_000, scanIntervalMs: 50, ...options });
}
export function instance(more: Partial<InstanceInit> = {}): Instance {
  return defineInstance({ id: 'a', service: 'goods', host: '127.0.0.1', port: 1, ...more });
}
export function announce(what = instance(), by = backend): AnnounceRun {
  const announcing = new AnnounceRun(by, what, timeoutMs);
  sessions.push(announcing);
  return announcing;
}
export async function announced(what = instance(), by = backend): Promise<AnnounceRun> {
  const announcing = announce(what, by);
  await announcing.registered();
  return announcing;
}
export function observe(by = backend): ObserveRun {
  const observing = new ObserveRun(by, 'goods', timeoutMs);
  sessions.push(observing);
  return observing;
}
export const pathOf = (of = instance()) => join(directory, fileName(of));

/** Writes a record as another process would. */
export async function put(what: Instance, owner?: Owner): Promise<void> {
  await mkdir(directory, { recursive: true });
  const temporary = join(directory, 'elsewhere.tmp');
  await writeFile(temporary, encode({ instance: what, ...(owner && { owner }) }));
  await rename(temporary, pathOf(what));
}
/** Makes a file stale. */
export async function age(path: string): Promise<void> {
  const longAgo = new Date(Date.now() - 61_000);
  await utimes(path, longAgo, longAgo);
}
/** Of another machine. */
export const foreign: Owner = { ...newOwner(), where: 'elsewhere' };
export const dead: Owner = { ...newOwner(), pid: 2 ** 22 + 1 };
