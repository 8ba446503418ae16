import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { fileBackend } from '@rollcall/discovery/file';
import { TrackedProcess, until } from '@rollcall/tools';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Watching } from './sessions.js';

const program = fileURLToPath(new URL('../../dist/registries/file-instance.js', import.meta.url));
const deadlineMs = 10_000;

let directory: string;
let watching: Watching;
let processes: TrackedProcess[];

beforeEach(async () => {
  directory = join(await mkdtemp(join(tmpdir(), 'rollcall-processes-')), 'registry');
  watching = new Watching(fileBackend({ directory, staleAfterMs: 1_500, heartbeatMs: 200 }), 'inventory');
  processes = [];
});
afterEach(async () => {
  await watching.stop();
  await Promise.all(processes.map((each) => each.kill()));
  await rm(join(directory, '..'), { recursive: true, force: true });
});

/** An instance in a process of its own, and what it says. Its file goes stale after a minute, unless told otherwise. */
async function start(id: string, { staleAfterMs = 60_000, port = 1 } = {}) {
  const said: string[] = [];
  const url = `file://${directory}?heartbeatMs=200&staleAfterMs=${staleAfterMs}`;
  const child = await TrackedProcess.start({
    command: process.execPath,
    args: [program, url, 'inventory', id, String(port)],
    onLine: (line) => said.push(line),
  });
  processes.push(child);
  const hasSaid = (what: string) =>
    until(() => said.includes(what), {
      deadlineMs,
      describe: () => `${id} to say ${what}; it said: ${said.join(', ')}`,
    });
  return { child, said, hasSaid };
}

/** How long `look` takes from now, for people. */
async function timed(what: string, look: Promise<unknown>): Promise<void> {
  const from = performance.now();
  await look;
  process.stdout.write(`file: ${what} after ${Math.round(performance.now() - from)} ms\n`);
}

describe('a process', () => {
  it('that is killed is gone long before its file is stale', async () => {
    await watching.stop();
    watching = new Watching(fileBackend({ directory }), 'inventory');
    const { child } = await start('a');
    await watching.untilHas('a');
    child.signal('SIGKILL');
    await timed('kill -9 noticed', watching.untilHasNot('a'));
    const { mtimeMs } = await stat(join(directory, 'inventory.a.json'));
    expect(Date.now() - mtimeMs).toBeLessThan(10_000);
  });

  it('that is killed and whose parent does not notice is gone, too', async () => {
    await watching.stop();
    watching = new Watching(fileBackend({ directory }), 'inventory');
    // The shell becomes a program that never asks for its child: a zombie stays.
    const script = `"${process.execPath}" "${program}" "file://${directory}" inventory a 1 >&2 & exec sleep 60`;
    const parent = spawn('sh', ['-c', script], { stdio: 'ignore' });
    try {
      await watching.untilHas('a');
      const record = await readFile(join(directory, 'inventory.a.json'), 'utf8');
      const { pid } = (JSON.parse(record) as { owner: { pid: number } }).owner;
      process.kill(pid, 'SIGKILL');
      await timed('zombie noticed', watching.untilHasNot('a'));
      expect(() => process.kill(pid, 0)).not.toThrow();
    } finally {
      parent.kill('SIGKILL');
      await once(parent, 'exit');
    }
  });

  it('that is killed and started again under its id is there at once', async () => {
    const first = await start('a', { port: 1 });
    await watching.untilHas('a', { port: 1 });
    await first.child.kill();
    await start('a', { port: 2 });
    await watching.untilHas('a', { port: 2 });
  });

  it('that freezes is gone when its file is stale, and back when it thaws, with the same registration', async () => {
    const { child, said } = await start('a', { staleAfterMs: 1_500 });
    await watching.untilHas('a');
    child.signal('SIGSTOP');
    await watching.untilHasNot('a');
    child.signal('SIGCONT');
    await timed('thaw noticed', watching.untilHas('a'));
    expect(said).toEqual(['registered']);
  });

  it('whose id another one has stays away until that one is gone', async () => {
    const first = await start('a', { port: 1 });
    await first.hasSaid('registered');
    const second = await start('a', { port: 2 });
    await second.hasSaid('registering CONFLICT');
    await watching.untilHas('a', { port: 1 });
    await first.child.kill();
    await second.hasSaid('registered');
    await watching.untilHas('a', { port: 2 });
    expect(watching.sets.every(({ instances }) => instances.length <= 1)).toBe(true);
  });

  it('whose id another one took while it was frozen takes it back, for it was first', async () => {
    const first = await start('a', { port: 1, staleAfterMs: 1_500 });
    await watching.untilHas('a', { port: 1 });
    first.child.signal('SIGSTOP');
    await watching.untilHasNot('a');
    const second = await start('a', { port: 2, staleAfterMs: 1_500 });
    await watching.untilHas('a', { port: 2 });
    first.child.signal('SIGCONT');
    await watching.untilHas('a', { port: 1 });
    await second.hasSaid('lost CONFLICT');
    expect(first.said).toContain('lost CONFLICT');
  });

  it('that is told to go is seen draining, and leaves nothing', async () => {
    const { child, hasSaid } = await start('a');
    await watching.untilHas('a');
    child.signal('SIGTERM');
    await watching.untilHasNot('a');
    await hasSaid('left');
    expect(await child.exited).toEqual({ code: 0, signal: null });
    const last = watching.sets.flatMap(({ instances }) => instances).at(-1);
    expect(last).toMatchObject({ id: 'a', draining: true });
    expect(await readdir(directory)).toEqual([]);
  });

  it('whose directory is deleted makes it again and is back', async () => {
    await start('a');
    await watching.untilHas('a');
    await rm(directory, { recursive: true });
    await watching.untilHasNot('a');
    await timed('record back after the directory was deleted', watching.untilHas('a'));
  });
});

describe('many processes', () => {
  it('that come at once and go at once are all seen, and leave nothing', async () => {
    const ids = Array.from({ length: 6 }, (_, i) => `i${i}`);
    const all = await Promise.all(ids.map((id, i) => start(id, { port: i + 1 })));
    await watching.until('all six', (instances) => instances.length === ids.length);
    for (const { child } of all) child.signal('SIGTERM');
    await Promise.all(all.map(({ child }) => child.exited));
    await watching.until('nobody', (instances) => instances.length === 0);
    expect(await readdir(directory)).toEqual([]);
  });

  it('that were all killed leave files, which whoever looks clears away', async () => {
    const all = await Promise.all([start('a', { port: 1 }), start('b', { port: 2 })]);
    await watching.until('both', (instances) => instances.length === 2);
    await Promise.all(all.map(({ child }) => child.kill()));
    await watching.until('nobody', (instances) => instances.length === 0);
    expect(await readdir(directory)).toHaveLength(2);
    await until(async () => (await readdir(directory)).length === 0, {
      deadlineMs,
      describe: () => 'the files to be removed',
    });
  });
});
