import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { fileBackend } from '@rollcall/discovery/file';
import { TrackedProcess, until } from '@rollcall/tools';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Watcher } from './sessions.js';

const program = fileURLToPath(new URL('../../dist/environments/instance-main.js', import.meta.url));
const deadlineMs = 10_000;

let directory: string;
let watcher: Watcher;
let processes: TrackedProcess[];

beforeEach(async () => {
  directory = join(await mkdtemp(join(tmpdir(), 'rollcall-processes-')), 'registry');
  watcher = new Watcher(fileBackend({ directory, staleAfterMs: 1_500, heartbeatMs: 200 }), 'inventory');
  processes = [];
});
afterEach(async () => {
  await watcher.stop();
  await Promise.all(processes.map((each) => each.kill()));
  await rm(join(directory, '..'), { recursive: true, force: true });
});

/** Starts an instance in a process of its own. */
async function start(id: string, { staleAfterMs = 60_000, port = 1 } = {}) {
  const output: string[] = [];
  const url = `file://${directory}?heartbeatMs=200&staleAfterMs=${staleAfterMs}`;
  const child = await TrackedProcess.start({
    command: process.execPath,
    args: [program, url, 'inventory', id, String(port)],
    onLine: (line) => output.push(line),
  });
  processes.push(child);
  const untilPrinted = (line: string) =>
    until(() => output.includes(line), {
      deadlineMs,
      describe: () => `${id} to print ${line}; its output: ${output.join(', ')}`,
    });
  return { child, output, untilPrinted };
}

/** Prints how long `condition` takes. */
async function timed(what: string, condition: Promise<unknown>): Promise<void> {
  const from = performance.now();
  await condition;
  process.stdout.write(`file: ${what} after ${Math.round(performance.now() - from)} ms\n`);
}

describe('a process', () => {
  it('is killed: it is removed long before its file is stale', async () => {
    await watcher.stop();
    watcher = new Watcher(fileBackend({ directory }), 'inventory');
    const { child } = await start('a');
    await watcher.untilListed('a');
    child.signal('SIGKILL');
    await timed('kill -9 noticed', watcher.untilGone('a'));
    const { mtimeMs } = await stat(join(directory, 'inventory.a.json'));
    expect(Date.now() - mtimeMs).toBeLessThan(10_000);
  });

  it('is killed and stays a zombie: it is removed, too', async () => {
    await watcher.stop();
    watcher = new Watcher(fileBackend({ directory }), 'inventory');
    // The shell is replaced with a program that never waits for its child.
    const script = `"${process.execPath}" "${program}" "file://${directory}" inventory a 1 >&2 & exec sleep 60`;
    const parent = spawn('sh', ['-c', script], { stdio: 'ignore' });
    try {
      await watcher.untilListed('a');
      const record = await readFile(join(directory, 'inventory.a.json'), 'utf8');
      const { pid } = (JSON.parse(record) as { owner: { pid: number } }).owner;
      process.kill(pid, 'SIGKILL');
      await timed('zombie noticed', watcher.untilGone('a'));
      expect(() => process.kill(pid, 0)).not.toThrow();
    } finally {
      parent.kill('SIGKILL');
      await once(parent, 'exit');
    }
  });

  it('is killed and restarted with its id: it is listed at once', async () => {
    const first = await start('a', { port: 1 });
    await watcher.untilListed('a', { port: 1 });
    await first.child.kill();
    await start('a', { port: 2 });
    await watcher.untilListed('a', { port: 2 });
  });

  it('freezes: it is removed when its file is stale, and listed when it thaws, with the same registration', async () => {
    const { child, output } = await start('a', { staleAfterMs: 1_500 });
    await watcher.untilListed('a');
    child.signal('SIGSTOP');
    await watcher.untilGone('a');
    child.signal('SIGCONT');
    await timed('thaw noticed', watcher.untilListed('a'));
    expect(output).toEqual(['registered']);
  });

  it('has the id of another living process: it registers when that one is gone', async () => {
    const first = await start('a', { port: 1 });
    await first.untilPrinted('registered');
    const second = await start('a', { port: 2 });
    await second.untilPrinted('registering CONFLICT');
    await watcher.untilListed('a', { port: 1 });
    await first.child.kill();
    await second.untilPrinted('registered');
    await watcher.untilListed('a', { port: 2 });
    expect(watcher.sets.every(({ instances }) => instances.length <= 1)).toBe(true);
  });

  it('was frozen while another one took its id: it takes the id back, since it was first', async () => {
    const first = await start('a', { port: 1, staleAfterMs: 1_500 });
    await watcher.untilListed('a', { port: 1 });
    first.child.signal('SIGSTOP');
    await watcher.untilGone('a');
    const second = await start('a', { port: 2, staleAfterMs: 1_500 });
    await watcher.untilListed('a', { port: 2 });
    first.child.signal('SIGCONT');
    await watcher.untilListed('a', { port: 1 });
    await second.untilPrinted('lost CONFLICT');
    expect(first.output).toContain('lost CONFLICT');
  });

  it('gets SIGTERM: it is listed as draining, and its file is deleted', async () => {
    const { child, untilPrinted } = await start('a');
    await watcher.untilListed('a');
    child.signal('SIGTERM');
    await watcher.untilGone('a');
    await untilPrinted('closed');
    expect(await child.exited).toEqual({ code: 0, signal: null });
    const last = watcher.sets.flatMap(({ instances }) => instances).at(-1);
    expect(last).toMatchObject({ id: 'a', draining: true });
    expect(await readdir(directory)).toEqual([]);
  });

  it('loses its directory: it creates the directory and registers again', async () => {
    await start('a');
    await watcher.untilListed('a');
    await rm(directory, { recursive: true });
    await watcher.untilGone('a');
    await timed('record back after the directory was deleted', watcher.untilListed('a'));
  });
});

describe('many processes', () => {
  it('start and stop at once: all are listed, and no file is left', async () => {
    const ids = Array.from({ length: 6 }, (_, i) => `i${i}`);
    const all = await Promise.all(ids.map((id, i) => start(id, { port: i + 1 })));
    await watcher.until('all six', (instances) => instances.length === ids.length);
    for (const { child } of all) child.signal('SIGTERM');
    await Promise.all(all.map(({ child }) => child.exited));
    await watcher.until('an empty list', (instances) => instances.length === 0);
    expect(await readdir(directory)).toEqual([]);
  });

  it('are all killed: a watcher deletes their files', async () => {
    const all = await Promise.all([start('a', { port: 1 }), start('b', { port: 2 })]);
    await watcher.until('both', (instances) => instances.length === 2);
    await Promise.all(all.map(({ child }) => child.kill()));
    await watcher.until('an empty list', (instances) => instances.length === 0);
    expect(await readdir(directory)).toHaveLength(2);
    await until(async () => (await readdir(directory)).length === 0, {
      deadlineMs,
      describe: () => 'the files to be removed',
    });
  });
});
