import { once } from 'node:events';
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client, credentials, Metadata, type ServiceError, status } from '@grpc/grpc-js';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { instanceIdKey } from './instance-id.interceptor.js';
import { waitOptions, WorkProcess } from '../fixtures/work-process.js';

vi.setConfig({ testTimeout: 60_000 });

let registry: string;
const services: WorkProcess[] = [];
beforeEach(() => {
  registry = mkdtempSync(join(tmpdir(), 'rollcall-test-'));
});
afterEach(async () => {
  await Promise.all(services.splice(0).map((service) => service.kill()));
  rmSync(registry, { recursive: true, force: true });
});

function spawnService(id: string, behavior = 'works', env: NodeJS.ProcessEnv = {}): WorkProcess {
  const REGISTRY_URL = `file://${registry}`;
  const service = new WorkProcess(behavior, { ...process.env, REGISTRY_URL, INSTANCE_ID: id, ...env });
  services.push(service);
  return service;
}

async function startService(id: string, behavior?: string, env?: NodeJS.ProcessEnv): Promise<WorkProcess> {
  const service = spawnService(id, behavior, env);
  await service.event('registered');
  return service;
}

const isRegistered = (id: string) =>
  readdirSync(registry, { recursive: true }).some((name) => String(name).includes(id));

describe('the graceful shutdown of a gRPC service', () => {
  it.each(['SIGTERM', 'SIGINT', 'app.close()'] as const)(
    '%s: NOT_SERVING, deregistered, streams ended, no new calls, calls in flight complete with their own clients, exit 0',
    async (trigger) => {
      await startService('peer');
      const service = await startService('stopping');
      const events: string[] = [];

      const onServing = vi.fn<() => void>();
      void (async () => {
        for await (const { status: health } of service.health().watch({ service: 'work.v1.WorkService' })) {
          if (health === 'SERVING') onServing();
          else events.push(health);
        }
      })().catch(() => {});
      const watch = service.client().watch({ takesMs: 0, callPeer: false });
      const onMessage = vi.fn<(message: object) => void>();
      void (async () => {
        for await (const message of watch) onMessage(message);
      })().catch((error: Error & { code: status }) => events.push(`stream ${status[error.code]}`));
      await vi.waitFor(
        () => expect([onServing.mock.calls, onMessage.mock.calls]).toMatchObject([[[]], [[{}]]]),
        waitOptions,
      );
      const busy = service.client();
      const work = busy.work({ takesMs: 5_000, callPeer: true }).then(({ text }) => events.push(text));
      // Calls on one connection start in order: once this one completes, the long one has started.
      await busy.work({ takesMs: 0, callPeer: false });
      const deregistered = vi
        .waitFor(() => expect(isRegistered('stopping')).toBe(false), waitOptions)
        .then(() => events.push('deregistered'));

      if (trigger === 'app.close()') service.close();
      else service.signal(trigger);
      await deregistered;
      await vi.waitFor(() => expect(events).toContain('stream UNAVAILABLE'), waitOptions);
      const unavailable = { code: status.UNAVAILABLE };
      await vi.waitFor(
        () =>
          expect(service.client().work({ takesMs: 0, callPeer: false })).rejects.toMatchObject(unavailable),
        waitOptions,
      );
      events.push('no new calls');
      expect(service.hooks).toEqual([]);
      await work;
      expect(events).toEqual([
        'NOT_SERVING',
        'deregistered',
        'stream UNAVAILABLE',
        'no new calls',
        'done by a peer',
      ]);
      expect(await service.exitCode).toBe(0);
      expect(service.hooks).toEqual(['destroyed', 'shut down']);
    },
  );

  it('a second signal cuts off calls in flight, and it still exits with 0', async () => {
    const service = await startService('stopping');
    const client = service.client();
    const work = client.work({ takesMs: 600_000, callPeer: false }).catch((error: unknown) => error);
    await client.work({ takesMs: 0, callPeer: false });
    service.signal('SIGTERM');
    await service.event('draining');
    service.signal('SIGINT');
    expect(await work).toMatchObject({ code: expect.toBeOneOf([status.CANCELLED, status.UNAVAILABLE]) });
    expect(await service.exitCode).toBe(0);
    expect(service.logs).toContainEqual(expect.objectContaining({ event: 'stopped', result: 'forced' }));
    expect(isRegistered('stopping')).toBe(false);
  });

  it('a third signal exits with 1 at once', async () => {
    const service = await startService('stopping', 'hangs on shutdown');
    service.signal('SIGTERM');
    await service.event('draining');
    service.signal('SIGINT');
    service.signal('SIGTERM');
    expect(await service.exitCode).toBe(1);
  });

  it('calls in flight for longer than DRAIN_TIMEOUT_MS are cut off', async () => {
    const service = await startService('stopping', 'works', { DRAIN_TIMEOUT_MS: '300' });
    const client = service.client();
    const work = client.work({ takesMs: 600_000, callPeer: false }).catch((error: unknown) => error);
    await client.work({ takesMs: 0, callPeer: false });
    service.signal('SIGTERM');
    expect(await work).toMatchObject({ code: expect.toBeOneOf([status.CANCELLED, status.UNAVAILABLE]) });
    expect(await service.exitCode).toBe(0);
    expect(service.logs).toContainEqual(expect.objectContaining({ event: 'stopped', result: 'forced' }));
  });
});

it('readiness is SERVING from the first registration on, until the shutdown', async () => {
  const late = join(registry, 'late');
  writeFileSync(late, 'not a directory');
  const service = spawnService('starting', 'works', { REGISTRY_URL: `file://${late}` });
  await service.event('listening');
  const states: string[] = [];
  void (async () => {
    for await (const { status: state } of service.health().watch({ service: 'readiness' }))
      states.push(state);
  })().catch(() => {});
  const failure = { level: 'warn', message: expect.stringContaining('registration of starting') };
  await vi.waitFor(() => expect(service.logs).toContainEqual(expect.objectContaining(failure)), waitOptions);
  await vi.waitFor(() => expect(states).toEqual(['NOT_SERVING']), waitOptions);
  rmSync(late);
  await service.event('registered');
  await vi.waitFor(() => expect(states).toEqual(['NOT_SERVING', 'SERVING']), waitOptions);
  service.signal('SIGTERM');
  await vi.waitFor(() => expect(states).toEqual(['NOT_SERVING', 'SERVING', 'NOT_SERVING']), waitOptions);
  expect(await service.exitCode).toBe(0);
});

describe('a finite stream', () => {
  const request = { takesMs: 100, callPeer: false, messages: 15 };

  it('gets all its messages when the server shuts down meanwhile', async () => {
    const service = await startService('stopping');
    const texts: string[] = [];
    for await (const { text } of service.client().export(request)) {
      if (texts.push(text) === 1) service.signal('SIGTERM');
    }
    expect(texts).toEqual(Array.from({ length: 15 }, (_, number) => String(number)));
    expect(await service.exitCode).toBe(0);
    expect(service.logs).toContainEqual(expect.objectContaining({ event: 'stopped', result: 'drained' }));
  });

  it('that lasts longer than DRAIN_TIMEOUT_MS ends with UNAVAILABLE', async () => {
    const service = await startService('stopping', 'works', { DRAIN_TIMEOUT_MS: '300' });
    const reading = (async () => {
      let received = 0;
      for await (const _ of service.client().export({ ...request, messages: 600 })) {
        if (++received === 1) service.signal('SIGTERM');
      }
    })();
    await expect(reading).rejects.toMatchObject({ code: status.UNAVAILABLE });
    expect(await service.exitCode).toBe(0);
    expect(service.logs).toContainEqual(expect.objectContaining({ event: 'stopped', result: 'forced' }));
  });
});

it('a failed call names the instance', async () => {
  const service = await startService('failing');
  const error: ServiceError = await service
    .client()
    .fail({ takesMs: 0, callPeer: false })
    .catch((thrown) => thrown);
  expect(error).toMatchObject({ code: status.INTERNAL });
  expect(error.metadata.get(instanceIdKey)).toEqual(['failing']);
});

it('the request id and the traceparent of a call are in the log lines of the instance and of those that it calls', async () => {
  const service = await startService('called');
  const metadata = new Metadata();
  const ids = { requestId: 'r-1', traceparent: `00-${'a'.repeat(32)}-${'b'.repeat(16)}-01` };
  metadata.set('x-request-id', ids.requestId);
  metadata.set('traceparent', ids.traceparent);
  const peer = await startService('peer');
  const failures = () => [service, peer].flatMap(({ logs }) => logs.filter(({ requestId }) => requestId));
  await vi.waitFor(async () => {
    await service
      .client()
      .fail({ takesMs: 0, callPeer: true }, { metadata })
      .catch(() => {});
    expect(failures().map(({ instance }) => instance)).toEqual(expect.arrayContaining(['called', 'peer']));
  }, waitOptions);
  for (const line of failures()) expect(line).toMatchObject({ level: 'error', ...ids });
});

it('GRPC_REFLECTION=off serves no reflection', async () => {
  const reflects = async (id: string, env: NodeJS.ProcessEnv) => {
    const service = await startService(id, 'works', env);
    const client = new Client(service.address, credentials.createInsecure());
    const call = client.makeBidiStreamRequest(
      '/grpc.reflection.v1.ServerReflection/ServerReflectionInfo',
      () => Buffer.alloc(0),
      (bytes) => bytes,
    );
    call.on('error', () => {}).resume();
    call.end();
    const { code } = await new Promise<{ code: status }>((resolve) => call.on('status', resolve));
    client.close();
    return code !== status.UNIMPLEMENTED;
  };
  expect(await reflects('open', {})).toBe(true);
  expect(await reflects('closed', { GRPC_REFLECTION: 'off' })).toBe(false);
});

describe('a failed start logs one line and leaves nothing registered', () => {
  it('a port in use', async () => {
    const other = createServer().listen(0, '127.0.0.1');
    await once(other, 'listening');
    const { port } = other.address() as { port: number };
    const service = spawnService('fails', 'works', { PORT: String(port) });
    expect(await service.exitCode).toBe(1);
    other.close();
    expect(service.fatal).toEqual([
      expect.stringMatching(`^cannot start: .*127.0.0.1:${port}.*set HOST and PORT$`),
    ]);
    expect(isRegistered('fails')).toBe(false);
  });

  it('a hook that throws: the shutdown hooks still run', async () => {
    const service = spawnService('fails', 'fails on bootstrap');
    expect(await service.exitCode).toBe(1);
    expect(service.fatal).toEqual(['cannot start: bootstrap failed']);
    expect(service.hooks).toEqual(['destroyed', 'shut down']);
    expect(isRegistered('fails')).toBe(false);
  });

  it('an invalid advertise address', async () => {
    const service = spawnService('fails', 'works', { ADVERTISE_ADDRESS: '0.0.0.0' });
    expect(await service.exitCode).toBe(1);
    expect(service.fatal).toEqual([expect.stringContaining('NO_ADVERTISABLE_ADDRESS: 0.0.0.0')]);
    expect(isRegistered('fails')).toBe(false);
  });
});
