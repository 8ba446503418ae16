import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { TrackedProcess, until } from '@rollcall/tools';
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from 'vitest';
import { documents, root } from '../repository/documents.js';

const page = documents.find(({ path }) => path === 'docs/getting-started.md')!;
// In the tree, so that modules resolve as they do for a user of the packages.
const folder = `${root}node_modules/.cache/rollcall-getting-started-${process.pid}`;
let registry: string;
const processes: TrackedProcess[] = [];

beforeAll(async () => {
  await mkdir(folder, { recursive: true });
  await writeFile(`${folder}/package.json`, '{ "type": "module" }');
  for (const { fileName, code } of page.blocks) if (fileName) await writeFile(`${folder}/${fileName}`, code);
});
afterAll(() => rm(folder, { recursive: true, force: true }));
beforeEach(async () => {
  registry = await mkdtemp(join(tmpdir(), 'rollcall-getting-started-'));
});
afterEach(async () => {
  await Promise.all(processes.splice(0).map((each) => each.kill()));
  await rm(registry, { recursive: true });
});

async function start(program: string, onLine?: (line: string) => void): Promise<TrackedProcess> {
  const started = await TrackedProcess.start({
    command: process.execPath,
    args: [`${folder}/${program}`],
    env: { ...process.env, REGISTRY_URL: `file://${registry}` },
    ...(onLine && { onLine }),
  });
  processes.push(started);
  return started;
}

it('getting started: one of two servers is killed, the other one stopped after a third has started: no call fails', async () => {
  const [killed, stopped] = [await start('server.js'), await start('server.js')];
  const lines: string[] = [];
  const client = await start('client.js', (line) => lines.push(line));
  const untilAnsweredBy = (server: TrackedProcess) =>
    until(() => lines.some((line) => line.endsWith(`greeter-${server.pid}.`)), {
      deadlineMs: 30_000,
      describe: () => `a response of ${server.pid}; the client printed ${JSON.stringify(client.lastLines)}`,
    });
  await untilAnsweredBy(killed);
  await untilAnsweredBy(stopped);
  await killed.kill();
  await untilAnsweredBy(await start('server.js'));
  expect(await stopped.stop(10_000)).toEqual({ code: 0, signal: null });
  expect(await client.exited).toEqual({ code: 0, signal: null });
  expect(lines).toHaveLength(100);
});
