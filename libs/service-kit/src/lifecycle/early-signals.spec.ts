import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';

const preload = fileURLToPath(new URL('../../dist/lifecycle/early-signals.js', import.meta.url));

/** Runs a program with the preload, and signals it once it prints. Returns exit code and signal. */
async function terminate(program: string, signal: NodeJS.Signals): Promise<unknown[]> {
  const child = spawn(process.execPath, ['--import', preload, '-e', program], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const exited = once(child, 'exit');
  await once(child.stdout, 'data');
  child.kill(signal);
  return exited;
}

const running = 'setTimeout(() => {}, 60_000); console.log("running");';

it.each(['SIGTERM', 'SIGINT'] as const)(
  '%s ends a program that still loads with exit code 0',
  async (signal) => {
    expect(await terminate(running, signal)).toEqual([0, null]);
  },
);

it('a program with a handler of its own decides when it exits', async () => {
  const handling = `process.on('SIGTERM', () => setTimeout(() => process.exit(7), 100)); ${running}`;
  expect(await terminate(handling, 'SIGTERM')).toEqual([7, null]);
});
