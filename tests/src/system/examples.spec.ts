import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { TrackedProcess, until } from '@rollcall/tools';
import { afterEach, beforeEach, expect, it } from 'vitest';

const program = fileURLToPath(new URL('../../../examples/plain-grpc/dist/greeter.js', import.meta.url));

let directory: string;
const processes: TrackedProcess[] = [];

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'rollcall-example-'));
});
afterEach(async () => {
  await Promise.all(processes.splice(0).map((each) => each.kill()));
  await rm(directory, { recursive: true });
});

async function start(role: 'serve' | 'call', onLine?: (line: string) => void): Promise<TrackedProcess> {
  const started = await TrackedProcess.start({
    command: process.execPath,
    args: [program, role, `file://${directory}`],
    ...(onLine && { onLine }),
  });
  processes.push(started);
  return started;
}

it('plain grpc-js: one server is killed, another one stopped, a third one started: no call of the client fails', async () => {
  const [killed, stopped] = [await start('serve'), await start('serve')];
  const lines: string[] = [];
  const client = await start('call', (line) => lines.push(line));
  const untilAnsweredBy = (server: TrackedProcess) =>
    until(() => lines.some((line) => line.endsWith(`greeter-${server.pid}.`)), {
      deadlineMs: 30_000,
      describe: () => `a response of ${server.pid}; the client printed ${JSON.stringify(client.lastLines)}`,
    });
  await untilAnsweredBy(killed);
  await untilAnsweredBy(stopped);
  await killed.kill();
  const newcomer = await start('serve');
  await untilAnsweredBy(newcomer);
  expect(await stopped.stop(10_000)).toEqual({ code: 0, signal: null });
  expect(await client.exited).toEqual({ code: 0, signal: null });
  expect(lines).toHaveLength(200);
});
