import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { status } from '@grpc/grpc-js';
import { createGrpcClient, type GrpcClient, type GrpcContract } from '@rollcall/discovery/grpc';
import { protoPath as healthProto } from 'grpc-health-check';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { type WorkClient, workContract } from '../fixtures/work.js';

vi.setConfig({ testTimeout: 60_000 });

const program = fileURLToPath(new URL('../../dist/fixtures/work-service.js', import.meta.url));
const patient = { timeout: 15_000, interval: 20 };

const healthContract: GrpcContract = {
  service: 'health',
  package: 'grpc.health.v1',
  grpcService: 'Health',
  protoPath: healthProto,
  includeDirs: [],
  loader: { enums: String },
};
interface HealthClient {
  watch(request: { service: string }): AsyncIterable<{ status: string }>;
  close(): void;
}

let registry: string;
const services: WorkService[] = [];
const clients: { close(): void }[] = [];
beforeEach(() => {
  registry = mkdtempSync(join(tmpdir(), 'rollcall-test-'));
});
afterEach(async () => {
  for (const client of clients.splice(0)) client.close();
  await Promise.all(services.splice(0).map((service) => service.kill()));
  rmSync(registry, { recursive: true, force: true });
});

/** One process, and what it has said. */
class WorkService {
  readonly said: { event?: string; address?: string; how?: string; message?: string; level?: string }[] = [];
  readonly hooks: unknown[] = [];
  readonly ended: Promise<number | null>;
  readonly #child: ChildProcess;

  constructor(id: string, manner: string, env: NodeJS.ProcessEnv) {
    this.#child = fork(program, [manner], {
      silent: true,
      // Not those of the test runner, which reads packages from their sources.
      execArgv: [],
      env: { ...process.env, REGISTRY_URL: `file://${registry}`, INSTANCE_ID: id, ...env },
    });
    for (const stream of [this.#child.stdout, this.#child.stderr]) {
      createInterface({ input: stream! }).on('line', (line) => this.#hear(line));
    }
    this.#child.on('message', (hook) => this.hooks.push(hook));
    this.ended = once(this.#child, 'close').then(([code]) => code as number | null);
    services.push(this);
  }

  static async start(id: string, manner = 'works', env: NodeJS.ProcessEnv = {}): Promise<WorkService> {
    const service = new WorkService(id, manner, env);
    await service.event('registered');
    return service;
  }

  get address(): string {
    return this.said.find(({ event }) => event === 'listening')?.address ?? '';
  }

  get fatal(): string[] {
    return this.said.filter(({ level }) => level === 'fatal').map(({ message }) => String(message));
  }

  /** @throws {Error} when it ends, or a while has passed, and it has not said so. */
  async event(name: string): Promise<void> {
    const said = () => this.said.some(({ event }) => event === name);
    const missing = (why: string) => new Error(`no "${name}": ${why}; ${JSON.stringify(this.said)}`);
    const heard = vi.waitFor(() => {
      if (!said()) throw missing('it is silent');
    }, patient);
    const code = await Promise.race([heard, this.ended]);
    if (!said()) throw missing(`it ended with ${code}`);
  }

  /** Only work that takes as long as that one does is waited for. */
  client(): GrpcClient<WorkClient> {
    const client = createGrpcClient(workContract, {
      target: `ipv4:${this.address}`,
      defaultTimeoutMs: 600_000,
      waitForReadyMs: 0,
    });
    clients.push(client);
    return client;
  }

  health(): HealthClient {
    const client = createGrpcClient(healthContract, {
      target: `ipv4:${this.address}`,
    }) as unknown as HealthClient;
    clients.push(client);
    return client;
  }

  signal(signal: NodeJS.Signals): void {
    this.#child.kill(signal);
  }

  /** Has it call `app.close()`. */
  close(): void {
    this.#child.send('close');
  }

  async kill(): Promise<void> {
    this.#child.kill('SIGKILL');
    await this.ended;
  }

  #hear(line: string): void {
    if (!line.startsWith('{')) return;
    const { message, level } = JSON.parse(line) as { message: unknown; level: string };
    this.said.push(typeof message === 'object' ? { ...message, level } : { message: String(message), level });
  }
}

const recorded = (id: string) =>
  readdirSync(registry, { recursive: true }).some((name) => String(name).includes(id));

describe('every way out of a gRPC service', () => {
  it.each(['SIGTERM', 'SIGINT', 'app.close()'] as const)(
    '%s: not serving, out of the registry, streams ended, no new calls, what is in flight completes with its clients, exit 0',
    async (way) => {
      await WorkService.start('stays');
      const leaving = await WorkService.start('leaves');
      const happened: string[] = [];

      const serving = vi.fn<() => void>();
      void (async () => {
        for await (const { status: health } of leaving.health().watch({ service: 'work.v1.WorkService' })) {
          if (health === 'SERVING') serving();
          else happened.push(health);
        }
      })().catch(() => {});
      const watch = leaving.client().watch({ takesMs: 0, askAnother: false });
      const watching = vi.fn<() => void>();
      watch.on('data', watching);
      watch.on('error', (error: Error & { code: status }) => happened.push(`stream ${status[error.code]}`));
      await vi.waitFor(
        () => expect([serving.mock.calls, watching.mock.calls]).toMatchObject([[[]], [[{}]]]),
        patient,
      );
      const busy = leaving.client();
      const work = busy.work({ takesMs: 5_000, askAnother: true }).then(({ text }) => happened.push(text));
      // Whoever answers this has begun with what came before it over the same connection.
      await busy.work({ takesMs: 0, askAnother: false });
      const gone = vi
        .waitFor(() => expect(recorded('leaves')).toBe(false), patient)
        .then(() => happened.push('gone from the registry'));

      if (way === 'app.close()') leaving.close();
      else leaving.signal(way);
      await gone;
      await vi.waitFor(() => expect(happened).toContain('stream UNAVAILABLE'), patient);
      const refused = { code: status.UNAVAILABLE };
      await vi.waitFor(
        () => expect(leaving.client().work({ takesMs: 0, askAnother: false })).rejects.toMatchObject(refused),
        patient,
      );
      happened.push('no new calls');
      expect(leaving.hooks).toEqual([]);
      await work;
      expect(happened).toEqual([
        'NOT_SERVING',
        'gone from the registry',
        'stream UNAVAILABLE',
        'no new calls',
        'done by another',
      ]);
      expect(await leaving.ended).toBe(0);
      expect(leaving.hooks).toEqual(['destroyed', 'shut down']);
    },
  );

  it('a second signal cuts off what is in flight, and it exits 0 all the same', async () => {
    const leaving = await WorkService.start('leaves');
    const client = leaving.client();
    const work = client.work({ takesMs: 600_000, askAnother: false }).catch((error: unknown) => error);
    await client.work({ takesMs: 0, askAnother: false });
    leaving.signal('SIGTERM');
    await leaving.event('draining');
    leaving.signal('SIGINT');
    expect(await work).toMatchObject({ code: expect.toBeOneOf([status.CANCELLED, status.UNAVAILABLE]) });
    expect(await leaving.ended).toBe(0);
    expect(leaving.said).toContainEqual(expect.objectContaining({ event: 'stopped', how: 'forced' }));
    expect(recorded('leaves')).toBe(false);
  });

  it('a third signal ends it there and then', async () => {
    const leaving = await WorkService.start('leaves', 'hangs on shutdown');
    leaving.signal('SIGTERM');
    await leaving.event('draining');
    leaving.signal('SIGINT');
    leaving.signal('SIGTERM');
    expect(await leaving.ended).toBe(1);
  });

  it('what is in flight for longer than DRAIN_TIMEOUT_MS is cut off', async () => {
    const leaving = await WorkService.start('leaves', 'works', { DRAIN_TIMEOUT_MS: '300' });
    const client = leaving.client();
    const work = client.work({ takesMs: 600_000, askAnother: false }).catch((error: unknown) => error);
    await client.work({ takesMs: 0, askAnother: false });
    leaving.signal('SIGTERM');
    expect(await work).toMatchObject({ code: expect.toBeOneOf([status.CANCELLED, status.UNAVAILABLE]) });
    expect(await leaving.ended).toBe(0);
    expect(leaving.said).toContainEqual(expect.objectContaining({ event: 'stopped', how: 'forced' }));
  });
});

describe('an error at boot leaves nothing behind, and is one clear line', () => {
  it('a port that is taken', async () => {
    const other = createServer().listen(0, '127.0.0.1');
    await once(other, 'listening');
    const { port } = other.address() as { port: number };
    const service = new WorkService('fails', 'works', { PORT: String(port) });
    expect(await service.ended).toBe(1);
    other.close();
    expect(service.fatal).toEqual([
      expect.stringMatching(`^cannot start: .*127.0.0.1:${port}.*set HOST and PORT$`),
    ]);
    expect(recorded('fails')).toBe(false);
  });

  it('a hook that throws: the others are called, so that what was opened is closed', async () => {
    const service = new WorkService('fails', 'fails on bootstrap', {});
    expect(await service.ended).toBe(1);
    expect(service.fatal).toEqual(['cannot start: the shelf is empty']);
    expect(service.hooks).toEqual(['destroyed', 'shut down']);
    expect(recorded('fails')).toBe(false);
  });

  it('an address that nobody can call', async () => {
    const service = new WorkService('fails', 'works', { ADVERTISE_ADDRESS: '0.0.0.0' });
    expect(await service.ended).toBe(1);
    expect(service.fatal).toEqual([expect.stringContaining('NO_ADVERTISABLE_ADDRESS: 0.0.0.0')]);
    expect(recorded('fails')).toBe(false);
  });
});
