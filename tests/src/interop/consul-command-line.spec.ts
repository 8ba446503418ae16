import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { openRegistry, type Registry, type Watch } from '@rollcall/discovery';
import { registerResolver } from '@rollcall/discovery/grpc';
import { registryForTests, type RegistryServer, startRegistryAt, until } from '@rollcall/tools';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { answerOf } from './call-results.js';
import { capturedRecord, textLike, writtenRecord } from './captured-records.js';
import { listen, OurClient, OurServer } from './greeter.js';

// Its program is needed, too.
const location = await registryForTests('consul', { prefer: ['binary', 'image'] });

describe.skipIf(!location)("Consul's command line", () => {
  let server: RegistryServer;
  let registry: Registry;
  let folder: string;
  const cleanups: (() => unknown)[] = [];
  beforeAll(async () => {
    server = await startRegistryAt(location!);
    registry = await openRegistry(server.url);
    registerResolver(registry);
    folder = await mkdtemp(join(tmpdir(), 'rollcall-consul-'));
  });
  afterEach(async () => {
    for (const cleanUp of cleanups.splice(0)) await cleanUp();
  });
  afterAll(async () => {
    await registry?.close();
    await server?.stop();
    await rm(folder, { recursive: true, force: true });
  });

  /** Runs `consul` with the agent of this suite; resolves with what it prints. */
  async function consul(...args: readonly string[]): Promise<string> {
    const env = { ...process.env, CONSUL_HTTP_ADDR: `http://${server.host}:${server.port}` };
    if (location?.how !== 'binary') throw new Error('no program');
    return (await promisify(execFile)(location.path, args, { env })).stdout;
  }
  async function define(definition: string): Promise<string> {
    const file = join(folder, `${crypto.randomUUID()}.hcl`);
    await writeFile(file, definition);
    return file;
  }
  const watchOf = (service: string): Watch => {
    const watch = registry.watch(service);
    cleanups.push(() => watch.close());
    return watch;
  };
  const untilIds = (watch: Watch, ...ids: readonly string[]) =>
    until(() => watch.current.instances.map(({ id }) => id).join() === ids.join(), {
      deadlineMs: 10_000,
      describe: () => `${ids.join()}; ${JSON.stringify(watch.why())}`,
    });
  const greeterAt = (service: string, id: string, port: number) => `
    service {
      name    = "${service}"
      id      = "${id}"
      address = "127.0.0.1"
      port    = ${port}
      tags    = ["canary", "version=v9"]
      meta    = { version = "2.0.0", zone = "eu-1a", team = "stock" }
      weights = { passing = 7, warning = 1 }
      check   = { name = "alive", ttl = "600s", status = "passing" }
    }`;

  it('`services register` with a file: every field is read; the record is the one that was captured', async () => {
    const captured = capturedRecord('consul', 'consul services register, Consul 1.22.7');
    await consul('services', 'register', await define(greeterAt('from-file', 'from-file-1', 9001)));
    const watch = watchOf('from-file');
    await untilIds(watch, 'from-file-1');
    expect(watch.current.instances).toEqual([
      {
        id: 'from-file-1',
        service: 'from-file',
        host: '127.0.0.1',
        port: 9001,
        version: '2.0.0',
        zone: 'eu-1a',
        weight: 7,
        tags: ['canary', 'version=v9'],
        metadata: { team: 'stock' },
      },
    ]);
    expect(textLike(await writtenRecord(server, 'from-file'), captured)).toBe(captured.text);
  });

  it('`services register` with flags: without an address it is at its node; `services deregister` removes it', async () => {
    await consul('services', 'register', '-name=from-flags', '-id=one', '-port=9002', '-tag=a', '-meta=k=v');
    const watch = watchOf('from-flags');
    await untilIds(watch, 'one');
    expect(watch.current.instances).toMatchObject([
      { host: '127.0.0.1', port: 9002, weight: 1, tags: ['a'], metadata: { k: 'v' } },
    ]);
    await consul('services', 'register', '-name=from-flags', '-id=two', '-port=9003');
    await untilIds(watch, 'one', 'two');
    await consul('services', 'deregister', '-id=one');
    await untilIds(watch, 'two');
  });

  it('our client calls servers that it registers, except those in maintenance (`maint`): no call fails', async () => {
    const servers = [await listen(), await listen()];
    for (const [i, each] of servers.entries()) {
      cleanups.push(() => each.server.forceShutdown());
      await consul('services', 'register', await define(greeterAt('called', `called-${i}`, each.port)));
    }
    await untilIds(watchOf('called'), 'called-0', 'called-1');
    const client = new OurClient('consul', 'called');
    cleanups.unshift(() => client.close());
    const [one, two] = servers.map(({ address }) => answerOf(address)) as [string, string];
    for (const answer of [one, two]) await client.results.untilAnswered(answer);
    await consul('maint', '-enable', '-service=called-0');
    await untilIds(watchOf('called'), 'called-1');
    expect(new Set((await client.results.next(30)).slice(10))).toEqual(new Set([two]));
    await consul('maint', '-disable', '-service=called-0');
    const from = client.results.all.length;
    await until(() => client.results.all.slice(from).includes(one), {
      deadlineMs: 10_000,
      describe: () => 'the server to be called again',
    });
    expect(new Set(client.results.all)).toEqual(new Set([one, two]));
  });

  it('`catalog` and `watch` show our servers', async () => {
    const ours = await OurServer.start(registry, 'ours', { tags: ['canary'], weight: 3, version: '1.4.0' });
    expect(await consul('catalog', 'services', '-tags')).toMatch(/^ours +canary$/m);
    const [entry] = JSON.parse(
      await consul('watch', '-type=service', '-service=ours', '-passingonly=true'),
    ) as readonly [{ readonly Service: object }];
    expect(entry.Service).toMatchObject({
      Address: '127.0.0.1',
      Port: Number(ours.address.split(':')[1]),
      Tags: ['canary'],
      Meta: { version: '1.4.0' },
      Weights: { Passing: 3 },
    });
    await ours.close();
    expect(await consul('catalog', 'services')).not.toMatch(/^ours$/m);
  });
});
