import { describe, expect, it } from 'vitest';
import { arbitraryInstance, Random } from '../model/arbitrary-instance.spec.fixture.js';
import { DiscoveryError } from '../model/errors.js';
import { defineInstance } from '../model/instance.js';
import { newOwner } from './owner.js';
import { decode, encode, fileName, serviceOf } from './record.js';

const instance = defineInstance({ id: 'a:1@host', service: 'goods', host: '127.0.0.1', port: 1 });
const owner = newOwner();

describe('a file name', () => {
  it('contains the service, and is valid on Windows', () => {
    expect(fileName(instance)).toBe('goods.a+1@host.json');
    expect(serviceOf(fileName(instance))).toBe('goods');
  });

  it.each(['user.rpc', 'Users', 'a b', 'größer', 'a%b'])(
    'of service %s, named by another system, is unique and decoded',
    (service) => {
      const name = fileName({ service, id: 'a' });
      expect(name).toMatch(/^[a-z0-9%-]+\.a\.json$/);
      expect(serviceOf(name)).toBe(service);
      expect(serviceOf('goods%ff.a.json')).toBeUndefined();
    },
  );

  it('with the longest id is short enough for every file system', () => {
    const longest = fileName({ service: 's'.repeat(63), id: ':'.repeat(128) });
    expect(Buffer.byteLength(longest)).toBeLessThanOrEqual(255);
    expect(serviceOf(longest)).toBe('s'.repeat(63));
  });

  it.each([
    'goods.json',
    '.goods.a.json',
    'goods.a.json~',
    'goods.a b.json',
    'README.md',
    'Goods.a.json',
    'goods.a.JSON',
  ])('%s is not a record', (name) => expect(serviceOf(name)).toBeUndefined());
});

describe('a record', () => {
  it.each([{ instance, owner }, { instance }])('is read back unchanged', (record) => {
    expect(decode(fileName(instance), encode(record))).toEqual(record);
  });

  it('of any instance is read back as the same instance', () => {
    const random = new Random(20_260_101);
    for (let run = 0; run < 200; run++) {
      const record = { instance: arbitraryInstance(random), ...(random.integer(2) && { owner }) };
      expect(decode(fileName(record.instance), encode(record)), `run ${run}`).toEqual(record);
      expect(serviceOf(fileName(record.instance))).toBe(record.instance.service);
    }
  });

  it('with hostile keys: they are read as data', () => {
    const text = `{"instance":{"id":"a","service":"goods","host":"h","port":1,"metadata":{"__proto__":"x"},"constructor":1},"__proto__":{"owner":1}}`;
    const { instance: read } = decode('goods.a.json', text);
    expect(Object.entries(read.metadata)).toEqual([['__proto__', 'x']]);
    expect(Object.getPrototypeOf(read.metadata)).toBe(Object.prototype);
  });

  const good = JSON.parse(encode({ instance, owner })) as { instance: object; owner: object };
  it.each([
    ['half written', encode({ instance, owner }).slice(0, 80)],
    ['empty', ''],
    ['null', 'null'],
    ['a list', '[]'],
    ['a number', '7'],
    ['without an instance', JSON.stringify({ owner })],
    ['with a list for an instance', JSON.stringify({ instance: [] })],
    ['with a bad port', JSON.stringify({ ...good, instance: { ...good.instance, port: 70_000 } })],
    ['with a port in words', JSON.stringify({ ...good, instance: { ...good.instance, port: '80' } })],
    [
      'with metadata of wrong types',
      JSON.stringify({ ...good, instance: { ...good.instance, metadata: { a: 1 } } }),
    ],
    ['nested deeply', `${'['.repeat(100_000)}${']'.repeat(100_000)}`],
    ['of another id', JSON.stringify({ ...good, instance: { ...good.instance, id: 'b' } })],
    ['of another service', JSON.stringify({ ...good, instance: { ...good.instance, service: 'goods2' } })],
    ...[0, -1, 1.5, '1', null].map((pid) => [
      `whose owner has the pid ${JSON.stringify(pid)}`,
      JSON.stringify({ ...good, owner: { ...good.owner, pid } }),
    ]),
  ])('%s: INVALID_RECORD with the name of the file', (_, text) => {
    const read = () => decode(fileName(instance), text as string);
    expect(read).toThrow(DiscoveryError);
    expect(read).toThrow(/^INVALID_RECORD: goods\.a\+1@host\.json: /);
  });
});
