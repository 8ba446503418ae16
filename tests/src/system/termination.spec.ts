import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readdirSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { openRegistry } from '@rollcall/discovery';
import { listenHost } from '@rollcall/tools';
import { describe, expect, it } from 'vitest';
import { registryCases } from './registries.js';

const program = fileURLToPath(new URL('../../../apps/inventory/dist/main.js', import.meta.url));
const stepMs = 50;
/** The longest start that is expected, on a busy machine. */
const maxBootMs = 15_000;
/** How many instances have to register before they are stopped: then no moment of the start is left out. */
const enoughRegistered = 5;
/** Without calls in flight: 4 s to deregister and 5 s for the hooks, at most. */
const exitWithinMs = 10_000;
const workers = 3;
/** On a busy machine a start takes seconds, and there is one for each step of the longest. */
const timeoutMs = 400_000;

interface Termination {
  readonly id: string;
  readonly afterMs: number;
  /** The exit code, or the signal that ended the process before it had a handler. */
  readonly end: number | NodeJS.Signals | null;
  readonly tookMs: number;
  readonly registered: boolean;
}

async function terminate(registryUrl: string, afterMs: number): Promise<Termination> {
  const id = `stopped-after-${afterMs}`;
  const child = spawn(process.execPath, [program], {
    env: { REGISTRY_URL: registryUrl, HOST: listenHost(registryUrl), INSTANCE_ID: id },
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  let registered = false;
  child.stdout.on('data', (chunk) => {
    registered ||= String(chunk).includes('"registered"');
  });
  const exited = once(child, 'exit') as Promise<[number | null, NodeJS.Signals | null]>;
  await delay(afterMs);
  const signalledAt = performance.now();
  child.kill('SIGTERM');
  const killTimer = setTimeout(() => child.kill('SIGKILL'), exitWithinMs);
  const [code, signal] = await exited;
  clearTimeout(killTimer);
  return { id, afterMs, end: code ?? signal, tookMs: performance.now() - signalledAt, registered };
}

async function registeredIds(registryUrl: string): Promise<string[]> {
  if (registryUrl.startsWith('file:')) {
    // The registry itself would leave out the records of processes that have ended.
    const directory = fileURLToPath(registryUrl);
    return existsSync(directory) ? readdirSync(directory, { recursive: true }).map(String) : [];
  }
  const registry = await openRegistry(registryUrl);
  const { instances } = await registry.watch('inventory').ready(AbortSignal.timeout(10_000));
  await registry.close();
  return instances.map(({ id }) => id);
}

for (const { name, missing, open } of await registryCases()) {
  describe.skipIf(missing)(`a service on ${name}`, () => {
    it(
      `SIGTERM at every ${stepMs} ms of its start: it exits in time, and leaves nothing registered`,
      async () => {
        const registry = await open();
        const terminations: Termination[] = [];
        const numRegistered = () => terminations.filter(({ registered }) => registered).length;
        let nextMs = 0;
        const worker = async () => {
          while (numRegistered() < enoughRegistered && nextMs < maxBootMs) {
            terminations.push(await terminate(registry.url, (nextMs += stepMs) - stepMs));
          }
        };
        try {
          await Promise.all(Array.from({ length: workers }, worker));
          const left = await registeredIds(registry.url);
          const wrong = terminations.filter(
            ({ id, end, tookMs }) =>
              !(end === 0 || end === 'SIGTERM') ||
              tookMs > exitWithinMs ||
              left.some((entry) => entry.includes(id)),
          );
          expect(wrong).toEqual([]);
          expect(numRegistered()).toBeGreaterThanOrEqual(enoughRegistered);
        } finally {
          await registry.close();
        }
      },
      timeoutMs,
    );
  });
}
