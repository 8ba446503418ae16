import { readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { System, TrackedProcess, until } from '@rollcall/tools';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { InspectorSession } from './inspector-session.js';

const main = fileURLToPath(new URL('../../../tools/dist/dev/main.js', import.meta.url));
const controller = fileURLToPath(
  new URL('../../../apps/inventory/dist/inventory.controller.js', import.meta.url),
);

let directory: string;
let registryUrl: string;
let system: System | undefined;
let dev: TrackedProcess | undefined;
let session: InspectorSession | undefined;

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'rollcall-dev-'));
  registryUrl = pathToFileURL(await mkdtemp(join(directory, 'rollcall-demo-'))).href;
});
afterEach(async () => {
  session?.close();
  await Promise.all([dev?.kill(), system?.kill()]);
  await rm(directory, { recursive: true, force: true });
});

interface Page {
  readonly degraded: boolean;
  readonly inventory: { readonly servedBy: string };
}

async function page(url: string): Promise<Page> {
  return (await (await fetch(`${url}/api/products/hp-aria`)).json()) as Page;
}

it('one more instance of the running shop: a request stops at a breakpoint, the other pages stay complete', async () => {
  system = await System.start({ registryUrl, replicas: 1 });
  const { url } = system;
  const lines: string[] = [];
  dev = await TrackedProcess.start({
    command: process.execPath,
    args: [main, 'inventory', '--port', '0'],
    // It finds the registry of the demo in the temporary directory.
    env: { ...process.env, TMPDIR: directory },
    onLine: (line) => lines.push(line),
  });
  const printed = (pattern: RegExp) =>
    until(() => lines.map((line) => pattern.exec(line)).find(Boolean) ?? undefined, {
      deadlineMs: 30_000,
      describe: () => `${pattern} in ${JSON.stringify(lines)}`,
    });
  const [, id] = await printed(/^ {2}(inventory-dev-\w+) registers in file:.*\/rollcall-demo-\w+$/);
  const [, address = ''] = await printed(/attach a debugger to (\S+);/);
  await printed(/registered beside 1 other instance of inventory/);

  session = await InspectorSession.attach(address);
  await session.send('Debugger.enable');
  const source = readFileSync(controller, 'utf8').split('\n');
  const { breakpointId } = await session.send('Debugger.setBreakpointByUrl', {
    url: pathToFileURL(controller).href,
    lineNumber: source.findIndex((line) => line.includes('return { inventory:')),
  });
  const paused = () => session!.received('Debugger.paused');
  await until(async () => !(await page(url)).degraded && paused(), {
    deadlineMs: 20_000,
    describe: () => 'a call at the breakpoint',
  });
  const others = await Promise.all(Array.from({ length: 20 }, () => page(url)));
  expect(others.filter(({ degraded, inventory }) => degraded || inventory.servedBy === id)).toEqual([]);

  await session.send('Debugger.removeBreakpoint', { breakpointId });
  await session.send('Debugger.resume');
  await until(async () => (await page(url)).inventory.servedBy === id, {
    deadlineMs: 20_000,
    describe: () => `a page with a part of ${id}`,
  });

  // The debugger stays attached, which would keep the process from its exit.
  dev.signal('SIGINT');
  expect(await dev.exited).toEqual({ code: 0, signal: null });
  expect(lines.join('\n')).toContain('"result":"drained"');
  expect(await page(url)).toMatchObject({ degraded: false });
});
