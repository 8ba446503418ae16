import { describe, expect, it } from 'vitest';
import { defineInstance, type Instance, maxRecordBytes } from '../model/instance.js';
import { type EtcdFormatName, etcdFormats as formats } from './formats/index.js';
import { Layout } from './layout.js';

const instance = defineInstance({
  id: 'inventory-7f',
  service: 'inventory',
  host: '10.0.0.1',
  port: 9000,
  weight: 7,
  tags: ['canary', 'größer'],
  metadata: { team: 'stock', weight: 'heavy', rollcall: 'mine', quoted: '"\\' },
  protocol: 'grpc',
  version: '1.4.0',
  zone: 'eu-1a',
  registeredAt: 1_700_000_000_000,
});
const bare = defineInstance({ id: 'a', service: 'inventory', host: '10.0.0.1', port: 9000 });

function layout(format: EtcdFormatName): Layout {
  return new Layout(formats[format], formats[format].prefix, formats[format].keyedBy);
}
const text = (format: EtcdFormatName, of: Instance) => layout(format).write(of).toString();
/** Reads a value at a key as the format's own system would write it. */
function read(format: EtcdFormatName, name: string, value: unknown): Instance | undefined {
  const written = typeof value === 'string' ? value : JSON.stringify(value);
  return layout(format).read(`${formats[format].prefix}inventory/${name}`, Buffer.from(written));
}

describe('a record that we write', () => {
  it.each<[EtcdFormatName, string]>([
    ['grpc', 'inventory/inventory-7f'],
    ['plain', '/inventory/10.0.0.1:9000'],
    ['kratos', '/microservices/inventory/inventory-7f'],
    ['go-zero', 'inventory/inventory-7f'],
    ['kitex', 'kitex/registry-etcd/inventory/10.0.0.1:9000'],
  ])('in the format %s has the key that its readers expect: %s', (format, key) => {
    expect(layout(format).keyOf(instance)).toBe(key);
  });

  it('grpc: Metadata is text, on which grpc-go does not panic', () => {
    const record = JSON.parse(text('grpc', bare)) as Record<string, unknown>;
    expect(record).toEqual({ Op: 0, Addr: '10.0.0.1:9000', Metadata: expect.any(String) });
  });

  it('plain and go-zero: only the address, with brackets around IPv6', () => {
    expect(text('plain', instance)).toBe('10.0.0.1:9000');
    expect(text('go-zero', { ...bare, host: '::1' })).toBe('[::1]:9000');
  });

  it('kratos: every field that it reads', () => {
    expect(JSON.parse(text('kratos', bare))).toEqual({
      id: 'a',
      name: 'inventory',
      version: '',
      metadata: { weight: '1', rollcall: expect.any(String) },
      endpoints: ['grpc://10.0.0.1:9000?isSecure=false'],
    });
  });

  it('kitex: every field that it reads', () => {
    expect(JSON.parse(text('kitex', bare))).toEqual({
      network: 'tcp',
      address: '10.0.0.1:9000',
      weight: 1,
      tags: { rollcall: expect.any(String) },
    });
  });

  it.each<EtcdFormatName>(['grpc', 'kratos', 'kitex'])(
    'in the format %s is read back unchanged, also draining and of maximum size',
    (format) => {
      const large = { ...instance, metadata: { quotes: '"'.repeat((maxRecordBytes - 400) / 2) } };
      for (const each of [instance, bare, { ...instance, draining: true }, defineInstance(large)]) {
        const records = layout(format);
        expect(records.carriesDraining).toBe(true);
        expect(records.read(records.keyOf(each), records.write(each))).toEqual(each);
      }
    },
  );
});

describe('a record that another system writes', () => {
  it.each([
    ['null', null, {}],
    ['undefined', undefined, {}],
    ['a text', 'blue', { metadata: 'blue' }],
    ['an object', { color: 'blue', replicas: 3, deep: {} }, { color: 'blue', replicas: '3' }],
  ])('grpc, its Metadata %s', (_, data, metadata) => {
    const value = { Op: 0, Addr: '10.0.0.1:50051', Metadata: data };
    const expected = { id: 'k8s_1', host: '10.0.0.1', port: 50_051, weight: 1, metadata };
    expect(read('grpc', 'k8s/1', value)).toMatchObject(expected);
  });

  it('grpc: fields with our names and types are read', () => {
    const data = { version: '1', zone: 7, weight: 3, tags: ['a'], metadata: { k: 'v' } };
    const seen = read('grpc', 'a', { Op: 0, Addr: 'node-1:1', Metadata: data });
    expect(seen).toMatchObject({ version: '1', weight: 3, tags: ['a'], metadata: { k: 'v' } });
    expect(seen).not.toHaveProperty('zone');
  });

  it('kratos: the gRPC endpoint, metadata and weight', () => {
    const value = {
      id: 'x',
      name: 'inventory',
      version: 'v2',
      metadata: { weight: '20', region: 'eu' },
      endpoints: ['http://10.0.0.1:8000?isSecure=false', 'grpc://[fd00::1]:9000?isSecure=false'],
    };
    expect(read('kratos', 'uuid', value)).toMatchObject({
      id: 'uuid',
      host: 'fd00::1',
      port: 9_000,
      protocol: 'grpc',
      version: 'v2',
      weight: 20,
      metadata: { region: 'eu' },
    });
    expect(read('kratos', 'uuid', { endpoints: ['http://h:1'] })).toMatchObject({
      protocol: 'http',
      weight: 1,
    });
    const withTls = { endpoints: ['https://h:1', 'grpcs://h:2'] };
    expect(read('kratos', 'uuid', withTls)).toMatchObject({ protocol: 'grpcs', port: 2 });
  });

  it('kitex: tags, and its default weight', () => {
    const value = { network: 'tcp', address: '10.0.0.1:8888', tags: { az: 'b' } };
    expect(read('kitex', '10.0.0.1:8888', { ...value, weight: 30 })).toMatchObject({ weight: 30 });
    expect(read('kitex', '10.0.0.1:8888', value)).toMatchObject({ weight: 10, metadata: { az: 'b' } });
  });

  it('go-zero: any name becomes an id', () => {
    expect(read('go-zero', '7587872893461263617', '10.0.0.1:8080')).toMatchObject({
      id: '7587872893461263617',
      port: 8_080,
    });
  });
});

describe('an invalid value', () => {
  const deep = `{"Addr":"h:1","Metadata":${'['.repeat(50_000)}`;
  it.each<[string, EtcdFormatName, string]>([
    ['no JSON', 'grpc', '{"Op":0,'],
    ['a list', 'grpc', '[]'],
    ['null', 'grpc', 'null'],
    ['an object of another system', 'grpc', '{"kind":"Pod"}'],
    ['an address of another type', 'grpc', '{"Addr":7}'],
    ['port 0', 'grpc', '{"Addr":"h:0"}'],
    ['port 65536', 'grpc', '{"Addr":"h:65536"}'],
    ['no host', 'grpc', '{"Addr":":1"}'],
    ['__proto__', 'grpc', '{"Addr":"h:1","Metadata":{"__proto__":{"polluted":true}}}'],
    ['deep nesting', 'grpc', deep],
    ['1.5 MB', 'grpc', JSON.stringify({ Addr: 'h:1', Metadata: 'x'.repeat(1_500_000) })],
    ['a weight of ours that is out of range', 'grpc', '{"Addr":"h:1","Metadata":{"rollcall":1,"weight":0}}'],
    [
      'metadata of ours of another type',
      'grpc',
      '{"Addr":"h:1","Metadata":{"rollcall":1,"metadata":{"a":1}}}',
    ],
    ['nothing', 'plain', ''],
    ['an address without a port', 'plain', '10.0.0.1'],
    ['no endpoints', 'kratos', '{"id":"a","name":"inventory"}'],
    ['an invalid endpoint', 'kratos', '{"endpoints":[{}]}'],
    ['a weight of another type', 'kitex', '{"address":"h:1","weight":"9"}'],
  ])('%s (%s) is INVALID_RECORD', (_, format, value) => {
    expect(() => read(format, 'junk', value)).toThrow(/^INVALID_RECORD: /);
    expect({}).not.toHaveProperty('polluted');
  });
});

describe('a range', () => {
  const contains = (service: string | undefined, key: string, prefix = '') => {
    const { key: from, range_end: to } = new Layout(formats.grpc, prefix, 'id').rangeOf(service);
    const bytes = Buffer.from(key);
    return bytes.compare(from) >= 0 && (to!.equals(Buffer.alloc(1)) || bytes.compare(to!) < 0);
  };

  it('of a service: not the services whose names start with its name', () => {
    expect(contains('goods', 'goods/1')).toBe(true);
    for (const other of ['goods2/1', 'goods-a/1', 'goods', 'good/1', 'shop/goods/1']) {
      expect(contains('goods', other)).toBe(false);
    }
  });

  it('of all services: the prefix, or everything without one', () => {
    expect([contains(undefined, 'goods/1'), contains(undefined, '\u{10ffff}/1')]).toEqual([true, true]);
    expect([
      contains(undefined, 'shop/goods/1', 'shop/'),
      contains(undefined, 'shop2/goods/1', 'shop/'),
    ]).toEqual([true, false]);
  });

  it.each(['flags', 'inventory/', '/inventory/a'])('%s is not a record', (key) => {
    expect(layout('grpc').read(key, Buffer.from('junk'))).toBeUndefined();
  });
});

it.each<[EtcdFormatName, string, string]>([
  ['go-zero', 'user.rpc/7587870', '10.0.0.1:8080'],
  ['kitex', 'kitex/registry-etcd/Shop.Users/10.0.0.1:8080', '{"network":"tcp","address":"10.0.0.1:8080"}'],
])('%s: a service whose name is no DNS label is read: %s', (format, key, value) => {
  const service = key.split('/').at(-2);
  expect(layout(format).read(key, Buffer.from(value))).toMatchObject({
    service,
    host: '10.0.0.1',
    port: 8080,
  });
});
