import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { status } from '@grpc/grpc-js';
import { openRegistry } from '@rollcall/discovery';
import { createGrpcClient, type GrpcClient, registerResolver } from '@rollcall/discovery/grpc';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { createEchoClient, type EchoClient, echoContract } from '../fixtures/echo.js';

vi.setConfig({ testTimeout: 120_000, hookTimeout: 60_000 });

const program = fileURLToPath(new URL('../../dist/fixtures/graceful-main.js', import.meta.url));
const waitOptions = { timeout: 20_000, interval: 10 };

interface Report {
  readonly event: string;
  readonly port?: number;
  readonly service?: string;
}

let directory: string;
const cleanups: (() => unknown)[] = [];
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'rollcall-test-'));
});
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).toReversed()) await cleanup();
  rmSync(directory, { recursive: true, force: true });
});

const isRegistered = (id: string) =>
  readdirSync(directory, { recursive: true }).some((name) => String(name).includes(id));

class EchoProcess {
  readonly reports: Report[] = [];
  readonly exited: Promise<unknown>;
  readonly #child: ChildProcess;

  constructor(id: string, kind: string) {
    this.#child = fork(program, [`file://${directory}`, id, kind], { execArgv: [] });
    this.#child.on('message', (report) => this.reports.push(report as Report));
    this.exited = once(this.#child, 'close').then(([code, signal]) => code ?? signal);
    cleanups.push(() => this.kill());
  }

  async kill(): Promise<void> {
    this.#child.kill('SIGKILL');
    await this.exited;
  }

  static async start(id: string, kind = 'pure'): Promise<EchoProcess> {
    const started = new EchoProcess(id, kind);
    await vi.waitFor(() => {
      if (!started.events.includes('listening') || !isRegistered(id))
        throw new Error(`${id} is not registered`);
    }, waitOptions);
    return started;
  }

  get events(): string[] {
    return this.reports.map(({ event }) => event);
  }

  client(): GrpcClient<EchoClient> {
    const client = createEchoClient(this.reports.find(({ event }) => event === 'listening')!.port!);
    cleanups.push(() => client.close());
    return client;
  }

  stop(trigger: string): void {
    if (trigger === 'app.close()') this.#child.send('close');
    else this.#child.kill(trigger as NodeJS.Signals);
  }
}

it.each([
  ['pure', 'SIGTERM'],
  ['pure', 'app.close()'],
  ['hybrid', 'SIGTERM'],
  ['hybrid', 'app.close()'],
] as const)(
  'a %s application, %s: NOT_SERVING, deregistered, streams ended, no new calls, calls in flight complete with their own clients',
  async (kind, trigger) => {
    await EchoProcess.start('peer');
    const stopping = await EchoProcess.start('stopping', kind);
    expect(stopping.reports.filter(({ event }) => event === 'SERVING').map(({ service }) => service)).toEqual(
      ['', 'echo.v1.EchoService'],
    );
    const events: string[] = [];
    const watching = vi.fn<() => void>();
    void (async () => {
      for await (const _ of stopping.client().watch({ text: '' })) watching();
    })().catch((error: { code: status }) => events.push(`stream ${status[error.code]}`));
    await vi.waitFor(() => expect(watching).toHaveBeenCalled(), waitOptions);
    const busy = stopping.client();
    const work = busy.add({ text: '5000 peer' }, { deadline: Date.now() + 30_000 });
    const done = work.then(({ text }) => events.push(`done by ${text}`));
    // Calls on one connection start in order: once this one completes, the long one has started.
    await busy.add({ text: '0' });
    const before = stopping.events.length;
    const deregistered = (async () => {
      await vi.waitFor(() => expect(isRegistered('stopping')).toBe(false), waitOptions);
      // A hook of a module may run before: Nest decides.
      const [state] = stopping.events.slice(before).filter((event) => event !== 'destroyed');
      events.push(String(state), 'deregistered');
    })();

    stopping.stop(trigger);
    await deregistered;
    await vi.waitFor(() => expect(events).toContain('stream UNAVAILABLE'), waitOptions);
    await vi.waitFor(
      () => expect(stopping.client().add({ text: '0' })).rejects.toMatchObject({ code: status.UNAVAILABLE }),
      waitOptions,
    );
    events.push('no new calls');
    expect(stopping.events).not.toContain('shut down');
    await done;
    expect(events).toEqual([
      'NOT_SERVING',
      'deregistered',
      'stream UNAVAILABLE',
      'no new calls',
      'done by peer',
    ]);
    // Nest ends the process with the signal that it received.
    expect(await stopping.exited).toBe(trigger === 'SIGTERM' ? 'SIGTERM' : 0);
    expect(stopping.events).toContain('shut down');
  },
);

it('SIGTERM of one of three under 20 callers: no call fails, idempotent or not', async () => {
  const [, stopping] = await Promise.all(['a', 'b', 'c'].map((id) => EchoProcess.start(id)));
  const registry = await openRegistry(`file://${directory}`);
  cleanups.push(() => registry.close(), registerResolver(registry));
  const client = createGrpcClient(echoContract, { target: 'file:///echo' });
  cleanups.push(() => client.close());
  const failures: unknown[] = [];
  const responders: string[] = [];
  const stopped = new AbortController();
  const caller = async () => {
    for (let n = 0; !stopped.signal.aborted; n++) {
      const call = n % 2 === 0 ? client.get({ text: '' }) : client.add({ text: String((n * 7) % 50) });
      await call.then(
        ({ text }) => responders.push(text),
        (error: unknown) => failures.push(error),
      );
    }
  };
  const running = Array.from({ length: 20 }, caller);
  const untilResponses = (count: number) =>
    vi.waitFor(() => expect(responders.length).toBeGreaterThan(count), waitOptions);
  await vi.waitFor(() => expect(new Set(responders).size).toBe(3), waitOptions);
  await untilResponses(500);
  stopping!.stop('SIGTERM');
  expect(await stopping!.exited).toBe('SIGTERM');
  await untilResponses(responders.length + 500);
  stopped.abort();
  await Promise.all(running);
  expect(failures).toEqual([]);
});
