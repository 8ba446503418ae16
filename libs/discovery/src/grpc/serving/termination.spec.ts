import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { status } from '@grpc/grpc-js';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { type ServingConfig, ServingProcess, waitOptions } from './fixtures/serving-process.js';

vi.setConfig({ testTimeout: 120_000, hookTimeout: 60_000 });

let directory: string;
const processes: ServingProcess[] = [];
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'rollcall-test-'));
});
afterEach(async () => {
  await Promise.all(processes.splice(0).map((each) => each.kill()));
  rmSync(directory, { recursive: true, force: true });
});

async function start(id: string, config: Partial<ServingConfig> = {}): Promise<ServingProcess> {
  const registryUrl = `file://${directory}`;
  const started = await ServingProcess.start({ registryUrl, id, protocols: ['grpc'], ...config });
  processes.push(started);
  return started;
}

const isRegistered = (id: string) =>
  readdirSync(directory, { recursive: true }).some((name) => String(name).includes(id));
const unavailable = { code: status.UNAVAILABLE };

describe('a grpc-js server', () => {
  it.each(['SIGTERM', 'SIGINT', 'close()'] as const)(
    '%s: NOT_SERVING, deregistered, long-lived streams ended, no new calls, calls in flight complete with their own clients',
    async (trigger) => {
      await start('peer');
      const stopping = await start('stopping');
      const events: string[] = [];
      const watching = vi.fn<() => void>();
      void (async () => {
        for await (const _ of stopping.client().watch({ text: 'endless' })) watching();
      })().catch((error: { code: status }) => events.push(`stream ${status[error.code]}`));
      await vi.waitFor(() => expect(watching).toHaveBeenCalled(), waitOptions);
      const busy = stopping.client();
      const work = busy.add({ text: '5000 peer' }).then(({ text }) => events.push(text));
      // Calls on one connection start in order: once this one completes, the long one has started.
      await busy.get({ text: '0' });
      expect(isRegistered('stopping')).toBe(true);
      const notServing = vi
        .waitFor(
          () => {
            expect(stopping.reports).toContainEqual(
              expect.objectContaining({ event: 'NOT_SERVING', service: 'echo.v1.EchoService' }),
            );
          },
          { timeout: 15_000, interval: 1 },
        )
        .then(() => events.push('NOT_SERVING'));
      const deregistered = vi
        .waitFor(() => expect(isRegistered('stopping')).toBe(false), waitOptions)
        .then(() => events.push('deregistered'));

      if (trigger === 'close()') stopping.close();
      else stopping.signal(trigger);
      await Promise.all([notServing, deregistered]);
      await vi.waitFor(() => expect(events).toContain('stream UNAVAILABLE'), waitOptions);
      await vi.waitFor(
        () => expect(stopping.client().add({ text: '0' })).rejects.toMatchObject(unavailable),
        waitOptions,
      );
      events.push('no new calls');
      await work;
      expect(events).toEqual([
        'NOT_SERVING',
        'deregistered',
        'stream UNAVAILABLE',
        'no new calls',
        'peer-grpc-0',
      ]);
      expect(await stopping.exited).toBe(0);
      const last = trigger === 'close()' ? { event: 'closed', results: ['drained'] } : { event: 'exiting' };
      expect(stopping.reports.at(-1)).toMatchObject(last);
    },
  );

  it('a second signal ends calls in flight with UNAVAILABLE, and it still exits with 0', async () => {
    const stopping = await start('stopping');
    const client = stopping.client();
    const work = client.add({ text: '600000' }).catch((error: unknown) => error);
    await client.get({ text: '0' });
    stopping.signal('SIGTERM');
    await stopping.untilReported('draining');
    stopping.signal('SIGINT');
    expect(await work).toMatchObject(unavailable);
    expect(await stopping.exited).toBe(0);
    expect(stopping.reports.at(-1)).toMatchObject({ event: 'exiting', result: 'forced' });
    expect(isRegistered('stopping')).toBe(false);
  });

  it('a third signal exits with 1 at once', async () => {
    const stopping = await start('stopping', { cleanup: 'hangs' });
    stopping.signal('SIGTERM');
    await stopping.untilReported('exiting');
    stopping.signal('SIGINT');
    stopping.signal('SIGTERM');
    expect(await stopping.exited).toBe(1);
  });

  it.each([
    ['fails', 1],
    ['hangs', 0],
  ] as const)('a cleanup that %s does not hold up the exit: %i', async (cleanup, exitCode) => {
    const stopping = await start('stopping', { cleanup });
    stopping.signal('SIGTERM');
    expect(await stopping.exited).toBe(exitCode);
    expect(isRegistered('stopping')).toBe(false);
  });

  it('a finite stream gets all its messages; one that takes longer than drainTimeoutMs ends with UNAVAILABLE', async () => {
    const stopping = await start('stopping', {
      protocols: ['grpc', 'grpc'],
      options: { drainTimeoutMs: 3_000 },
    });
    const read = async (messages: number) => {
      const texts: string[] = [];
      for await (const { text } of stopping.client().watch({ text: String(messages) })) {
        if (texts.push(text) === 1 && messages === 15) stopping.signal('SIGTERM');
      }
      return texts;
    };
    const [long, short] = await Promise.allSettled([read(600), read(15)]);
    expect(short).toMatchObject({ value: Array.from({ length: 15 }, (_, index) => String(index)) });
    expect(long).toMatchObject({ reason: unavailable });
    expect(await stopping.exited).toBe(0);
    const exiting = stopping.reports.filter(({ event }) => event === 'exiting');
    expect(exiting).toContainEqual({ event: 'exiting', server: 'stopping-grpc-0', result: 'forced' });
    expect(exiting).toContainEqual({ event: 'exiting', server: 'stopping-grpc-1', result: 'drained' });
  });

  it('signals: false leaves them to the program', async () => {
    const stopping = await start('stopping', { options: { signals: false } });
    stopping.signal('SIGTERM');
    expect(await stopping.exited).toBe('SIGTERM');
    expect(stopping.reports.map(({ event }) => event)).toEqual(['listening', 'serving']);
  });
});

it('two gRPC servers and an HTTP server of one process: none stops listening before all are deregistered', async () => {
  const stopping = await start('stopping', {
    protocols: ['grpc', 'http', 'grpc'],
    options: { shutdownDelayMs: 100 },
  });
  const [ports, seen] = [[0, 1, 2].map((index) => stopping.port(index)), new Set<string>()];
  const isListening = (port: number) =>
    new Promise<boolean>((resolve) => {
      const socket = connect(port, '127.0.0.1', () => resolve(true)).once('error', () => resolve(false));
      socket.once('connect', () => socket.destroy());
    });
  stopping.signal('SIGTERM');
  await vi.waitFor(
    async () => {
      const registered = isRegistered('stopping');
      const listening = await Promise.all(ports.map(isListening));
      if (registered) seen.add(listening.join());
      expect(listening).toEqual([false, false, false]);
    },
    { timeout: 20_000, interval: 1 },
  );
  expect([...seen]).toEqual(['true,true,true']);
  expect(await stopping.exited).toBe(0);
  const order = stopping.reports.filter(({ event }) => event === 'draining' || event === 'exiting');
  expect(order.map(({ event }) => event)).toEqual([
    ...Array(3).fill('draining'),
    ...Array(3).fill('exiting'),
  ]);
});
