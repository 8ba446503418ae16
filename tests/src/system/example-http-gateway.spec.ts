import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import {
  registryForTests,
  type RegistryServer,
  startRegistryAt,
  TrackedProcess,
  until,
} from '@rollcall/tools';
import { afterEach, describe, expect, it } from 'vitest';
import { EtcdFixture } from '../registries/etcd-fixture.js';

const program = fileURLToPath(new URL('../../../examples/http-gateway/dist/main.js', import.meta.url));
const location = await registryForTests('etcd', { prefer: ['binary', 'container'] });
const prefix = '/service_registry_discovery/';

/** A line of a log. */
interface Entry {
  readonly gateway?: string;
  readonly goods?: string;
  readonly status?: string;
  readonly service?: string;
  readonly added?: string;
  readonly dropped?: string;
  readonly trace_id?: number;
  readonly endpoint?: string;
  readonly error?: string;
  readonly message?: string;
}
interface Part {
  readonly child: TrackedProcess;
  readonly log: Entry[];
  /** Where it listens, as soon as it has logged it. */
  readonly address: string;
}
interface Listing {
  readonly code: number;
  readonly message: string;
  readonly trace_id: number;
}

const processes: TrackedProcess[] = [];
const loads: Load[] = [];
let server: RegistryServer | undefined;
afterEach(async () => {
  await Promise.allSettled(loads.splice(0).map((load) => load.stop()));
  await Promise.all(processes.splice(0).map((each) => each.kill()));
  await server?.stop();
});

function untilLogged(parts: readonly Part[], what: string, matches: (log: readonly Entry[]) => boolean) {
  return until(() => parts.every(({ log }) => matches(log)), {
    deadlineMs: 60_000,
    describe: () =>
      parts
        .filter(({ log }) => !matches(log))
        .map(({ log }) => `${what}; without requests, it logged ${JSON.stringify(withoutRequests(log))}`)
        .join('\n'),
  });
}

async function start(role: 'goods' | 'gateway', hostname: string, env?: NodeJS.ProcessEnv): Promise<Part> {
  const log: Entry[] = [];
  const child = await TrackedProcess.start({
    command: process.execPath,
    // The first endpoint does not exist.
    args: [program, role, `--etcd=127.0.0.1:9,${server!.host}:${server!.port}`, `--hostname=${hostname}`],
    ...(env && { env }),
    onLine: (line) => log.push(JSON.parse(line) as Entry),
  });
  processes.push(child);
  const addressIn = (entries: readonly Entry[]) =>
    entries.flatMap(
      ({ gateway, goods, status }) => gateway ?? (status === 'registered' ? goods : undefined) ?? [],
    );
  const part = {
    child,
    log,
    get address() {
      return addressIn(log)[0]!;
    },
  };
  await untilLogged([part], `${hostname} to start`, (entries) => addressIn(entries).length > 0);
  return part;
}

/** The text of the response. */
async function listOf({ address }: Part): Promise<string> {
  const response = await fetch(`http://${address}/goods/list`, { signal: AbortSignal.timeout(10_000) });
  expect(response.status).toBe(200);
  return response.text();
}

/** A request after the other through each gateway, until it is stopped. */
class Load {
  readonly listings: Listing[] = [];
  readonly #end = new AbortController();
  readonly #loops: Promise<unknown>;

  constructor(gateways: readonly Part[]) {
    loads.push(this);
    this.#loops = Promise.all(gateways.map((gateway) => this.#loop(gateway)));
    // `stop` rejects with the reason.
    this.#loops.catch(() => {});
  }

  async stop(): Promise<void> {
    this.#end.abort();
    await this.#loops;
  }

  async #loop(gateway: Part): Promise<void> {
    for (; !this.#end.signal.aborted; await sleep(20))
      this.listings.push(JSON.parse(await listOf(gateway)) as Listing);
  }
}

const withoutRequests = (log: readonly Entry[]) => log.filter(({ trace_id }) => trace_id === undefined);
const membershipIn = (log: readonly Entry[]) =>
  log.filter(({ added, dropped }) => added !== undefined || dropped !== undefined);

describe.skipIf(!location)('the example "http-gateway"', () => {
  it('goods is scaled 3 -> 4 -> 3 under load: each of 10 gateways adds and drops exactly that endpoint, and no request fails', async () => {
    server = await startRegistryAt(location!);
    const etcd = new EtcdFixture(server);
    // Another service, whose name begins in the same way.
    await etcd.put(`${prefix}goods2/other`, '127.0.0.1:9');
    const gateways = await Promise.all(
      Array.from({ length: 10 }, (_, i) => start('gateway', `gateway-${i + 1}`)),
    );
    expect(await listOf(gateways[0]!)).toMatch(
      /^\{"code":-1,"message":"goods service unavailable, try again later","trace_id":\d+\}$/,
    );
    const three = await Promise.all(['goods-1', 'goods-2', 'goods-3'].map((name) => start('goods', name)));
    expect(await etcd.get(`${prefix}goods/`)).toEqual(
      three.map(({ address }, i) => ({
        key: `${prefix}goods/goods-${i + 1}`,
        value: address,
        lease: expect.any(String),
      })),
    );
    const ID = await etcd.leaseOf({ service: `${prefix}goods`, id: 'goods-1' });
    expect(await etcd.api('lease/timetolive', { ID })).toMatchObject({ grantedTTL: '3' });
    const response = await fetch(`http://${three[0]!.address}/goods/list`, {
      method: 'POST',
      body: '{"trace_id":42}',
    });
    expect(await response.text()).toBe('{"trace_id":42,"message":"get goods list success"}');
    await untilLogged(gateways, 'three endpoints', (log) => membershipIn(log).length === 3);
    expect((await fetch(`http://${gateways[0]!.address}/readyz`)).status).toBe(200);

    const load = new Load(gateways);
    const fourth = await start('goods', 'goods-4');
    await untilLogged(gateways, 'to add it', (log) => log.some(({ added }) => added === fourth.address));
    await untilLogged([fourth], 'requests', (log) => log.filter(({ trace_id }) => trace_id).length >= 100);
    expect(await fourth.child.stop(10_000)).toEqual({ code: 0, signal: null });
    const scaled = [
      { service: 'goods', added: fourth.address },
      { service: 'goods', dropped: fourth.address },
    ];
    await untilLogged(gateways, 'to drop it', (log) => log.some(({ dropped }) => dropped === fourth.address));
    for (const { log } of gateways) expect(membershipIn(log).slice(3)).toEqual(scaled);
    const after = load.listings.length;
    await until(() => load.listings.length >= after + 200, {
      deadlineMs: 30_000,
      describe: () => 'requests',
    });
    await load.stop();
    const all = [...three, fourth];
    // Their logs are complete once they have exited.
    await Promise.all([...gateways, ...all].map(({ child }) => child.kill()));

    const { listings } = load;
    expect(
      listings.filter(({ code, message }) => code !== 0 || message !== 'get goods list success'),
    ).toEqual([]);
    for (const { log } of gateways) {
      expect(membershipIn(log)).toHaveLength(5);
      expect(log.filter(({ endpoint, error }) => endpoint === fourth.address && error)).toEqual([]);
    }
    // Every request is in the log of one gateway and in that of the endpoint which this has picked.
    const served = new Map(all.flatMap(({ address, log }) => log.map(({ trace_id }) => [trace_id, address])));
    const picked = new Map(
      gateways.flatMap(({ log }) => log.map(({ trace_id, endpoint }) => [trace_id, endpoint])),
    );
    expect(listings.filter(({ trace_id }) => !served.has(trace_id))).toEqual([]);
    expect(listings.filter(({ trace_id }) => served.get(trace_id) !== picked.get(trace_id))).toEqual([]);
    // At random: also twice in a row.
    const sequence = gateways[0]!.log.flatMap(({ endpoint }) => endpoint ?? []);
    expect(sequence.some((endpoint, i) => endpoint === sequence[i - 1])).toBe(true);
    expect(new Set(sequence)).toEqual(new Set(all.map(({ address }) => address)));
  });

  it('with user and password: a server whose lease is lost registers again; one that is killed is dropped when its lease ends; no request fails', async () => {
    server = await startRegistryAt(location!);
    const etcd = new EtcdFixture(server);
    await etcd.api('auth/user/add', { name: 'root', password: 'secret' });
    await etcd.api('auth/role/add', { name: 'root' });
    await etcd.api('auth/user/grant', { user: 'root', role: 'root' });
    await etcd.api('auth/enable', {});
    etcd.login = { name: 'root', password: 'secret' };
    const env = { ETCD_USERNAME: 'root', ETCD_PASSWORD: 'secret' };
    const [gateway, one, two] = await Promise.all([
      start('gateway', 'gateway', env),
      start('goods', 'one', env),
      start('goods', 'two', env),
    ]);
    await untilLogged([gateway], 'two endpoints', (log) => membershipIn(log).length === 2);
    const load = new Load([gateway]);

    const instance = { service: `${prefix}goods`, id: 'one' };
    const lease = await etcd.leaseOf(instance);
    await etcd.api('lease/revoke', { ID: lease });
    await untilLogged(
      [one],
      'to register again',
      (log) => log.filter(({ status }) => status === 'registered').length === 2,
    );
    expect(await etcd.leaseOf(instance)).not.toBe(lease);

    await two.child.kill();
    await untilLogged([gateway], 'to drop it', (log) => log.some(({ dropped }) => dropped === two.address));
    await load.stop();
    expect(load.listings.filter(({ code }) => code !== 0)).toEqual([]);
  });
});
