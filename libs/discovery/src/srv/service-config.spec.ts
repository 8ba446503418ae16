import type { Answer } from 'dns-packet';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { parseRegistryUrl } from '../model/registry-url.js';
import { Registry } from '../registry.js';
import { a, DnsServer, srv } from './dns-server.spec.fixture.js';
import { srvFromUrl } from './index.js';

const name = 'goods.example.org';
const records = [srv(name, 'h1.example.org', 1), a('h1.example.org', '10.0.0.1')];
const txt = (...parts: readonly string[]): Answer => ({
  type: 'TXT',
  name: `_grpc_config.${name}`,
  data: [...parts],
});
const choices = (timeout: string) =>
  JSON.stringify([{ serviceConfig: { methodConfig: [{ name: [{}], timeout }] } }]);

let server: DnsServer;
let registry: Registry;
beforeEach(async () => {
  server = await DnsServer.start();
  server.records = [...records, txt('v=spf1 -all'), txt(`grpc_config=${choices('1s')}`)];
});
afterEach(async () => {
  await registry.close();
  await server.close();
});

function watch(query = '', names = '{service}.example.org') {
  const times = 'minIntervalMs=10&maxIntervalMs=20&requestTimeoutMs=100';
  const url = `srv://127.0.0.1:${server.port}/${names}?${times}${query}`;
  registry = new Registry(srvFromUrl(parseRegistryUrl(url)));
  return registry.watch('goods');
}
const until = (condition: () => boolean) => vi.waitUntil(condition, { timeout: 5_000, interval: 5 });

it('is not asked for by default', async () => {
  expect((await watch().ready()).serviceConfigs).toBeUndefined();
  expect(server.received.map(({ type }) => type)).not.toContain('TXT');
});

it('is the TXT record "grpc_config=" of "_grpc_config.<name>", in however many parts, and is followed', async () => {
  const goods = watch('&serviceConfig=true');
  expect((await goods.ready()).serviceConfigs).toBe(choices('1s'));
  let changes = 0;
  goods.onChange(() => (changes += 1));
  const changed = `grpc_config=${choices('2s')}`;
  server.records = [...records, txt(changed.slice(0, 20), changed.slice(20))];
  await until(() => goods.current.serviceConfigs === choices('2s'));
  expect(changes).toBe(1);
  server.records = records;
  await until(() => goods.current.serviceConfigs === undefined);
  expect(goods.current.instances).toHaveLength(1);
});

it('is that of the first name that has one', async () => {
  server.records = [
    srv('goods.other.example', 'h1.example.org', 2),
    { ...txt(`grpc_config=${choices('3s')}`), name: '_grpc_config.goods.other.example' } as Answer,
    ...records,
  ];
  const goods = watch('&serviceConfig=true', '{service}.example.org,{service}.other.example');
  expect((await goods.ready()).serviceConfigs).toBe(choices('3s'));
});

it.each([
  ['not JSON', () => ({ answers: [txt('grpc_config=[{')] }), /^INVALID_RECORD: .*goods\.example\.org/],
  ['no list', () => ({ answers: [txt('grpc_config={}')] }), /^INVALID_RECORD: .*not an array/],
  ['SERVFAIL', () => ({ rcode: 2 }), /^REGISTRY_UNAVAILABLE: .*TXT _grpc_config.*SERVFAIL/],
  ['silence', () => undefined, /^REGISTRY_UNAVAILABLE: .*did not answer within 500 ms/],
])('%s: the last one stays, it is reported, and the list is followed', async (_, response, reason) => {
  const goods = watch('&serviceConfig=true');
  await goods.ready();
  server.respond = (query) => (query.type === 'TXT' ? response() : server.answer(query));
  await until(() => goods.why().rejected.count > 0);
  expect(goods.why().rejected.last).toEqual([
    { key: 'service configs of goods', reason: expect.stringMatching(reason) },
  ]);
  server.records = [...records, srv(name, 'h1.example.org', 2)];
  await until(() => goods.current.instances.length === 2);
  expect(goods.current).toMatchObject({ source: 'live', serviceConfigs: choices('1s') });
});

it('rejects a value that is neither true nor false', () => {
  expect(() => watch('&serviceConfig=yes')).toThrow(
    /^INVALID_OPTION: invalid srv serviceConfig "yes": use true or false/,
  );
});
