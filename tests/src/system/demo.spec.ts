import { execFileSync, spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { registryForTests, until } from '@rollcall/tools';
import { afterEach, beforeEach, expect, it } from 'vitest';

const main = fileURLToPath(new URL('../../../tools/dist/demo/main.js', import.meta.url));

let directory: string;
let demo: ChildProcess | undefined;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'rollcall-test-'));
});
afterEach(() => {
  demo?.kill('SIGKILL');
  demo = undefined;
  rmSync(directory, { recursive: true, force: true });
});

it('a demo run exits with 0 and prints the table; the JSON report has exactly its fields', async () => {
  const file = join(directory, 'report.json');
  const { output, ended } = startDemo('--seconds', '8', '--kills', '2', '--json', file);
  expect({ code: await ended, output: output.join('\n') }).toMatchObject({ code: 0 });
  expect(output.join('\n')).toMatch(/requests +[\d,]+ in .* s[\s\S]*failed +0[\s\S]*longest gap/);
  const time = expect.any(Number);
  const kill = (service: string) => ({
    service,
    instance: expect.stringMatching(`^${service}-1-`),
    atMs: time,
    gapMs: time,
    lastCallMs: time,
    replacementFirstCallMs: time,
  });
  expect(JSON.parse(readFileSync(file, 'utf8'))).toEqual({
    registry: 'file',
    seconds: time,
    requests: time,
    failed: 0,
    errors: {},
    latencyMs: { p50: time, p99: time, max: time },
    kills: [kill('product-detail'), kill('inventory')],
  });
});

const etcd = await registryForTests('etcd', { prefer: ['binary'] }).catch(() => undefined);

it.each([
  ['SIGINT', 'while it starts', 'starting', 'file'],
  ['SIGINT', 'under load', ' requests', 'file'],
  ['SIGTERM', 'kept for the browser', 'Press Ctrl-C', 'file'],
  ['SIGKILL', 'under load', ' requests', etcd ? 'etcd' : 'file'],
] as const)('%s %s: no process and no file is left', async (signal, _, text, registry) => {
  const { output, ended, pid } = startDemo(
    '--registry',
    registry,
    '--seconds',
    '3',
    '--kills',
    '1',
    '--keep',
  );
  const printed = until(() => output.some((line) => line.includes(text)), {
    deadlineMs: 60_000,
    describe: () => `the demo to print "${text}"`,
  });
  const tooEarly = ended.then((code) =>
    Promise.reject(new Error(`it ended with ${code}\n${output.join('\n')}`)),
  );
  await Promise.race([printed, tooEarly]);
  const children = await until(
    () => {
      const found = descendants(pid);
      return found.length >= 5 && found;
    },
    { deadlineMs: 10_000, describe: () => 'the demo to have children' },
  );
  process.kill(pid, signal);
  await ended;
  const left = () => ({ processes: children.filter(alive), files: readdirSync(directory) });
  await expect.poll(left, { timeout: 20_000 }).toEqual({ processes: [], files: [] });
});

it('an unknown option: exit code 2, and the error names it', () => {
  const { status, stderr } = spawnSync(process.execPath, [main, '--second', '5'], { encoding: 'utf8' });
  expect({ status, stderr }).toEqual({ status: 2, stderr: expect.stringContaining('--second') });
});

/** Runs the demo with its temporary files in `directory`. */
function startDemo(...args: readonly string[]) {
  const child = spawn(process.execPath, [main, ...args], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, TMPDIR: directory },
  });
  demo = child;
  const output: string[] = [];
  for (const stream of [child.stdout, child.stderr]) {
    createInterface({ input: stream }).on('line', (line) => void output.push(line));
  }
  const ended = once(child, 'exit').then(([code]) => code as number | null);
  return { output, ended, pid: child.pid as number };
}

/** All processes except zombies. */
function processes(): { pid: number; parent: number }[] {
  return execFileSync('ps', ['-eo', 'pid=,ppid=,stat='], { encoding: 'utf8' })
    .split('\n')
    .map((line) => line.trim().split(/\s+/))
    .filter(([, , state]) => state !== undefined && !state.startsWith('Z'))
    .map(([pid, parent]) => ({ pid: Number(pid), parent: Number(parent) }));
}

function descendants(root: number): number[] {
  const all = processes();
  const under = (parent: number): number[] =>
    all.filter((each) => each.parent === parent).flatMap(({ pid }) => [pid, ...under(pid)]);
  return under(root);
}

function alive(pid: number): boolean {
  return processes().some((each) => each.pid === pid);
}
