import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { type Answer, encode, TRUNCATED_RESPONSE } from 'dns-packet';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { DiscoveryError } from '../model/errors.js';
import { defineInstance } from '../model/instance.js';
import { Registry } from '../registry.js';
import { a, aaaa, DnsServer, opt, srv } from './dns-server.spec.fixture.js';
import { srvBackend, type SrvOptions } from './index.js';

const name = 'goods.example.org';
const names = ['{service}.example.org'];

let server: DnsServer;
let rejected: { key: string; reason: DiscoveryError }[];
beforeEach(async () => {
  server = await DnsServer.start();
  rejected = [];
});
afterEach(() => server.close());

const options = (more: SrvOptions = {}): SrvOptions => ({
  servers: [{ host: '127.0.0.1', port: server.port }],
  names,
  minIntervalMs: 10,
  maxIntervalMs: 20,
  requestTimeoutMs: 100,
  ...more,
});

/** The first set of a session. */
async function lookUp(more: SrvOptions = {}, service = 'goods') {
  const session = {
    signal: new AbortController().signal,
    rejected: (key: string, reason: DiscoveryError) => void rejected.push({ key, reason }),
  };
  for await (const { instances } of srvBackend(options(more)).observe(service, session)) return instances;
  throw new Error('no set');
}

const addresses = async (more?: SrvOptions, service?: string) =>
  (await lookUp(more, service)).map(({ host, port }) => `${host} ${port}`);

const failure = (more?: SrvOptions) =>
  lookUp(more).then(
    () => expect.unreachable(),
    (error: unknown) => error as DiscoveryError,
  );

describe('records', () => {
  it('each SRV record is an instance, with its weight; 0 counts as 1', async () => {
    server.records = [
      srv(name, 'h1.example.org', 1001, { weight: 7 }),
      srv(name, 'h2.example.org', 1002, { weight: 0 }),
      a('h1.example.org', '10.0.0.1'),
      a('h2.example.org', '10.0.0.2'),
    ];
    const at = { service: 'goods', tags: [], metadata: {} };
    expect(await lookUp()).toEqual([
      defineInstance({ ...at, id: '10.0.0.1:1001', host: '10.0.0.1', port: 1001, weight: 7 }),
      defineInstance({ ...at, id: '10.0.0.2:1002', host: '10.0.0.2', port: 1002 }),
    ]);
  });

  it('addresses that come with the records are not looked up', async () => {
    server.records = [srv(name, 'H1.example.org', 1)];
    server.additionals = [a('h1.example.org', '10.0.0.1'), aaaa('h1.example.org', 'fd00::1')];
    expect(await addresses()).toEqual(['10.0.0.1 1']);
    expect(server.received.map(({ type }) => type)).toEqual(['SRV']);
  });

  it('a target with several addresses has an instance at each; IPv6 only where there is no IPv4', async () => {
    server.records = [
      srv(name, 'both.example.org', 1),
      srv(name, 'six.example.org', 2),
      a('both.example.org', '10.0.0.1'),
      a('both.example.org', '10.0.0.2'),
      aaaa('both.example.org', 'fd00::1'),
      aaaa('six.example.org', 'fd00::2'),
    ];
    expect(await addresses()).toEqual(['10.0.0.1 1', '10.0.0.2 1', 'fd00::2 2']);
    expect(await addresses({ family: 6 })).toEqual(['fd00::1 1', 'fd00::2 2']);
  });

  it('an alias of a target is followed', async () => {
    server.records = [
      srv(name, 'alias.example.org', 1),
      { type: 'CNAME', name: 'alias.example.org', data: 'h1.example.org' },
    ];
    server.respond = (query) => {
      const answer = server.answer(query);
      return query.type === 'A'
        ? { ...answer, answers: [...(answer.answers ?? []), a('h1.example.org', '10.0.0.1')] }
        : answer;
    };
    expect(await addresses()).toEqual(['10.0.0.1 1']);
  });

  it('of several priorities, only the lowest one that has an address is listed', async () => {
    server.records = [
      srv(name, 'gone.example.org', 1, { priority: 0 }),
      srv(name, 'h1.example.org', 2, { priority: 10 }),
      srv(name, 'h2.example.org', 3, { priority: 10 }),
      srv(name, 'h1.example.org', 4, { priority: 20 }),
      a('h1.example.org', '10.0.0.1'),
      a('h2.example.org', '10.0.0.2'),
    ];
    expect(await addresses()).toEqual(['10.0.0.1 2', '10.0.0.2 3']);
  });

  it('a record without an address, or with an invalid port, is left out alone and reported', async () => {
    server.records = [
      srv(name, 'gone.example.org', 1),
      srv(name, 'h1.example.org', 0),
      srv(name, 'refused.example.org', 3),
      srv(name, 'h1.example.org', 2),
      a('h1.example.org', '10.0.0.1'),
    ];
    server.respond = (query) => (query.name.startsWith('refused') ? { rcode: 5 } : server.answer(query));
    expect(await addresses()).toEqual(['10.0.0.1 2']);
    expect(rejected.map(({ key }) => key).toSorted()).toEqual([
      'SRV target gone.example.org',
      'SRV target refused.example.org',
      `${name} SRV h1.example.org:0`,
    ]);
    expect(rejected[0]!.reason).toBeInstanceOf(DiscoveryError);
  });

  it('a target of "." is no instance', async () => {
    server.records = [srv(name, '.', 1)];
    expect(await lookUp()).toEqual([]);
    expect(rejected).toEqual([]);
  });

  it('of several names, the records count together', async () => {
    server.records = [
      srv('_goods._tcp.one.example', 'h1.example.org', 1),
      srv('_goods._tcp.two.example', 'h1.example.org', 2),
      a('h1.example.org', '10.0.0.1'),
    ];
    const two = ['_{service}._tcp.one.example', '_{service}._tcp.two.example'];
    expect(await addresses({ names: two })).toEqual(['10.0.0.1 1', '10.0.0.1 2']);
  });

  it('a service with a dot is looked up under its own name', async () => {
    server.records = [srv('_grpc._tcp.other.example', 'h', 1), a('h', '10.0.0.1')];
    expect(await addresses({}, '_grpc._tcp.other.example')).toEqual(['10.0.0.1 1']);
  });

  it('a service that DNS cannot name: INVALID_INSTANCE, echoed', async () => {
    await expect(lookUp({}, 'größe')).rejects.toThrow(/^INVALID_INSTANCE: invalid service "größe": /);
  });
});

describe('an answer', () => {
  const many = (count: number) => Array.from({ length: count }, (_, i) => srv(name, 'h1.example.org', 1 + i));
  const transports = () => server.lookups.map(({ transport }) => transport);

  it('that is marked as truncated is asked for over TCP', async () => {
    server.records = [...many(40), a('h1.example.org', '10.0.0.1')];
    server.respond = (query) =>
      query.transport === 'udp' && query.type === 'SRV'
        ? { flags: TRUNCATED_RESPONSE, answers: many(1) }
        : server.answer(query);
    expect(await lookUp()).toHaveLength(40);
    expect(transports()).toEqual(['udp', 'tcp']);
  });

  it('that fills most of a datagram is, too: Consul does not mark what it cuts off', async () => {
    server.records = [...many(40), a('h1.example.org', '10.0.0.1')];
    server.additionals = [opt];
    server.respond = (query) => {
      const answer = server.answer(query);
      return query.transport === 'udp' ? { ...answer, answers: (answer.answers ?? []).slice(0, 20) } : answer;
    };
    expect(await lookUp()).toHaveLength(40);
    expect(transports()).toEqual(['udp', 'tcp']);
    expect(server.lookups[0]!.payloadSize).toBe(1232);
  });

  it('that is short is not', async () => {
    server.records = [...many(5), a('h1.example.org', '10.0.0.1')];
    server.additionals = [opt];
    expect(await lookUp()).toHaveLength(5);
    expect(transports()).toEqual(['udp']);
  });

  it('that TCP cannot bring is a failure: a part of a list is not the list', async () => {
    server.respond = ({ transport }) =>
      transport === 'udp' ? { flags: TRUNCATED_RESPONSE, answers: [] } : undefined;
    expect((await failure()).message).toMatch(/^REGISTRY_UNAVAILABLE: .*SRV goods.*over TCP/);
  });

  it.each([
    ['NXDOMAIN', 3],
    ['no records', 0],
  ])('%s: an empty list', async (_, rcode) => {
    server.respond = () => ({ rcode, answers: [] });
    expect(await lookUp()).toEqual([]);
  });

  it.each([
    ['SERVFAIL', 2, 'REGISTRY_UNAVAILABLE'],
    ['REFUSED', 5, 'REGISTRY_REFUSED'],
    ['FORMERR', 1, 'REGISTRY_REFUSED'],
    ['NOTIMP', 4, 'REGISTRY_REFUSED'],
    ['RCODE 9', 9, 'REGISTRY_UNAVAILABLE'],
  ])('%s: a failure that names it', async (text, rcode, code) => {
    server.respond = () => ({ rcode });
    const error = await failure();
    expect(error.code).toBe(code);
    expect(error.message).toContain(`DNS server 127.0.0.1:${server.port}, SRV ${name}: ${text}`);
  });

  it.each([
    ['cut off', (good: Buffer) => good.subarray(0, good.length - 3)],
    [
      'a name that points to itself',
      (good: Buffer) => Buffer.concat([good.subarray(0, 12), Buffer.from([0xc0, 12])]),
    ],
    ['a header alone', (good: Buffer) => good.subarray(0, 12)],
  ])('malformed (%s): a failure', async (_, damage) => {
    server.respond = ({ id }) => {
      const questions = [{ name, type: 'SRV' as const }];
      return damage(encode({ id, type: 'response', questions, answers: [srv(name, 'h', 1)] }));
    };
    expect((await failure()).code).toBe('REGISTRY_UNAVAILABLE');
  });

  it('SERVFAIL for the address of one target is a failure of the whole: what is missing may be alive', async () => {
    server.records = [
      srv(name, 'h1.example.org', 1),
      srv(name, 'h2.example.org', 2),
      a('h1.example.org', '10.0.0.1'),
    ];
    server.respond = (query) => (query.name.startsWith('h2') ? { rcode: 2 } : server.answer(query));
    expect((await failure()).message).toContain('A h2.example.org: SERVFAIL');
  });
});

describe('servers', () => {
  const records: readonly Answer[] = [srv(name, 'h1.example.org', 1), a('h1.example.org', '10.0.0.1')];
  beforeEach(() => void (server.records = records));

  it('a lost datagram is repeated', async () => {
    let lost = 0;
    server.respond = (query) =>
      query.transport === 'udp' && lost++ === 0 ? undefined : server.answer(query);
    expect(await addresses()).toEqual(['10.0.0.1 1']);
  });

  it('a slow answer counts although the server was asked again meanwhile', async () => {
    server.respond = async (query) => {
      await new Promise((resolve) => setTimeout(resolve, 150));
      return server.answer(query);
    };
    expect(await addresses()).toEqual(['10.0.0.1 1']);
  });

  it('the next one is asked when one fails, refuses or is not there', async () => {
    const other = await DnsServer.start();
    const gone = await DnsServer.start();
    await gone.close();
    other.respond = () => ({ rcode: 2 });
    const ports = [gone.port, other.port, server.port];
    const servers = ports.map((port) => ({ host: '127.0.0.1', port }));
    expect(await addresses({ servers })).toEqual(['10.0.0.1 1']);
    await other.close();
  });

  it('silence fails within five times the timeout', async () => {
    server.respond = () => undefined;
    expect((await failure()).message).toMatch(/^REGISTRY_UNAVAILABLE: .*did not answer within 500 ms/);
  });

  it('one that does not exist fails, with its name', async () => {
    const servers = [{ host: 'dns.invalid' }];
    expect((await failure({ servers, requestTimeoutMs: 2_000 })).message).toMatch(
      /^REGISTRY_UNAVAILABLE: .*(dns\.invalid|did not answer)/,
    );
  });

  it('forged answers do not count: another source, another id, another question', async () => {
    const forger = createSocket('udp4').bind(0, '127.0.0.1');
    await once(forger, 'listening');
    const forged = [srv(name, 'evil.example.org', 1), a('evil.example.org', '6.6.6.6')];
    let guesses = 0;
    server.onDatagram = async ({ id = 0, questions = [] }, from) => {
      const packet = { type: 'response' as const, questions, answers: forged };
      await new Promise((sent) => forger.send(encode({ ...packet, id }), from.port, from.address, sent));
    };
    server.respond = (query) => {
      if (query.type !== 'SRV' || guesses++ > 0) return server.answer(query);
      const questions = [{ name, type: 'SRV' as const }];
      return encode({ type: 'response', id: query.id ^ 1, questions, answers: forged });
    };
    expect(await addresses()).toEqual(['10.0.0.1 1']);
    forger.close();

    server.onDatagram = () => {};
    server.respond = ({ id }) =>
      encode({ type: 'response', id, questions: [{ name: 'x', type: 'SRV' }], answers: forged });
    expect((await failure()).message).toContain('it answers another question');
  });

  it('each query has an id and a port of its own', async () => {
    for (let i = 0; i < 8; i++) await lookUp();
    const distinct = (values: readonly number[]) => new Set(values).size;
    expect(distinct(server.received.map(({ id }) => id))).toBeGreaterThan(14);
    expect(distinct(server.received.map(({ clientPort }) => clientPort))).toBeGreaterThan(8);
  });
});

describe('a registry', () => {
  let registry: Registry;
  afterEach(() => registry.close());
  const open = (more?: SrvOptions) =>
    (registry = new Registry(srvBackend(options(more)), {
      lingerMs: 0,
      backoff: { initialMs: 1, maxMs: 1 },
    }));
  const until = (condition: () => boolean) => vi.waitUntil(condition, { timeout: 5_000, interval: 5 });

  it('cannot register and has no catalogue', () => {
    open();
    const instance = { id: 'a', service: 'goods', host: '10.0.0.1', port: 1 };
    expect(() => registry.register(instance)).toThrow(
      /^UNSUPPORTED: cannot register instances in srv:\/\/127/,
    );
    expect(() => registry.watchAll()).toThrow(/^UNSUPPORTED: cannot list all services/);
  });

  it.each([
    ['SERVFAIL', { rcode: 2 }, 'last-known-good', 0],
    ['silence', undefined, 'last-known-good', 0],
    ['NXDOMAIN', { rcode: 3 }, 'live', 2],
    ['an empty answer', { rcode: 0 }, 'live', 2],
  ])('%s: the list stays, and follows again afterwards', async (_, response, source, held) => {
    server.records = [srv(name, 'h', 1), srv(name, 'h', 2), a('h', '10.0.0.1')];
    const watch = open().watch('goods');
    await until(() => watch.current.instances.length === 2);
    server.respond = () => response;
    await until(() => watch.current.source === source && watch.current.held.length === held);
    expect(watch.current.instances).toHaveLength(2);
    server.records = [...server.records, srv(name, 'h', 3)];
    server.respond = (query) => server.answer(query);
    await until(() => watch.current.instances.length === 3 && watch.current.held.length === 0);
    expect(watch.current.source).toBe('live');
  });

  it('is asked again when the TTL is over, of the records or of their absence', async () => {
    const intervals = () => server.lookups.slice(1).map(({ at }, i) => at - server.lookups[i]!.at);
    server.records = [srv(name, 'h', 1, { ttl: 1 }), a('h', '10.0.0.1', 60)];
    open({ maxIntervalMs: 10_000 }).watch('goods');
    await until(() => server.lookups.length === 2);
    expect(intervals()[0]).toBeGreaterThan(990);
    const data = { mname: 'ns', rname: 'x', minimum: 1 };
    server.records = [];
    server.authorities = [{ type: 'SOA', name: 'example.org', ttl: 60, data }];
    await until(() => server.lookups.length === 4);
    expect(intervals()[2]).toBeGreaterThan(990);
  });

  it('is asked again after maxIntervalMs, however long the TTL is', async () => {
    server.records = [srv(name, 'h', 1, { ttl: 3_600 }), a('h', '10.0.0.1', 3_600)];
    open({ maxIntervalMs: 50 }).watch('goods');
    await until(() => server.lookups.length === 3);
  });

  it('is asked at most once in minIntervalMs, however many hints come', async () => {
    server.records = [srv(name, 'h', 1, { ttl: 3_600 }), a('h', '10.0.0.1')];
    const watch = open({ minIntervalMs: 500, maxIntervalMs: 60_000 }).watch('goods');
    const hints = setInterval(() => watch.refresh(), 1);
    await until(() => server.lookups.length === 3);
    clearInterval(hints);
    const [first, , third] = server.lookups;
    expect(third!.at - first!.at).toBeGreaterThan(990);
  });

  it('is asked less and less often while it fails', async () => {
    server.respond = () => ({ rcode: 2 });
    open({ minIntervalMs: 100, maxIntervalMs: 100 }).watch('goods');
    // Each lookup asks twice.
    await until(() => server.lookups.length === 8);
    const at = server.lookups.filter((_, i) => i % 2 === 0).map((each) => each.at);
    expect(at[1]! - at[0]!).toBeGreaterThan(95);
    expect(at[3]! - at[2]!).toBeGreaterThan(195);
  });
});
