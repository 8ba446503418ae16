import { describe, expect, it } from 'vitest';
import { DiscoveryError } from './errors.js';
import {
  addressOf,
  assertWatchableName,
  defineInstance,
  instanceOfRecord,
  type InstanceInit,
} from './instance.js';

const good: InstanceInit = { id: 'a-1', service: 'goods', host: '10.0.0.1', port: 50051 };

describe('an instance', () => {
  it('gets its defaults and is frozen', () => {
    const instance = defineInstance(good);
    expect(instance).toEqual({ ...good, weight: 1, tags: [], metadata: {} });
    expect(Object.isFrozen(instance)).toBe(true);
  });

  it.each<[string, Partial<Record<keyof InstanceInit, unknown>>, string]>([
    ['an upper-case service', { service: 'Goods' }, '"Goods"'],
    ['a service with a slash', { service: 'goods/v2' }, '"goods/v2"'],
    ['a service that is a number, which gRPC rejects as authority', { service: '1234' }, '"1234"'],
    ['an empty id', { id: '' }, '""'],
    ['a host with a port', { host: '10.0.0.1:80' }, '"10.0.0.1:80"'],
    ['every IPv4 address as host', { host: '0.0.0.0' }, '"0.0.0.0"'],
    ['every IPv6 address as host', { host: '::' }, '"::"'],
    ['every IPv6 address, written out', { host: '0:0:0:0:0:0:0:0' }, '"0:0:0:0:0:0:0:0"'],
    ['an empty host', { host: '' }, '""'],
    ['port 0', { port: 0 }, '0'],
    ['a negative port', { port: -1 }, '-1'],
    ['a port with a fraction', { port: 80.5 }, '80.5'],
    ['port 65536', { port: 65_536 }, '65536'],
    ['a port that is text', { port: '80' }, '"80"'],
    ['weight 0', { weight: 0 }, '0'],
    ['weight 65536', { weight: 65_536 }, '65536'],
    ['a service of 64 letters', { service: 'a'.repeat(64) }, 'a'.repeat(64)],
    ['a service that ends with a hyphen', { service: 'goods-' }, '"goods-"'],
    ['tags that are not a list', { tags: 'v2' }, '"v2"'],
    ['metadata with a number', { metadata: { a: 1 } }, 'metadata key "a"'],
    [
      'metadata with a hostile key',
      { metadata: JSON.parse('{"__proto__":"x"}') },
      'metadata key "__proto__"',
    ],
    ['metadata that is a list', { metadata: ['a'] }, 'metadata'],
    ['every IPv4 address, mapped into IPv6', { host: '::ffff:0.0.0.0' }, '"::ffff:0.0.0.0"'],
    ['every IPv4 address, in an old notation', { host: '0' }, '"0"'],
    ['loopback in an old notation', { host: '127.1' }, '"127.1"'],
    ['a hexadecimal address', { host: '0x7f000001' }, '"0x7f000001"'],
    ['more than 16 KiB', { metadata: { a: 'x'.repeat(17_000) } }, 'the record takes 17'],
  ])('rejects %s; the message quotes the value', (_, change, quoted) => {
    const define = () => defineInstance({ ...good, ...change } as InstanceInit);
    expect(define).toThrow(DiscoveryError);
    expect(define).toThrow(/^INVALID_INSTANCE: /);
    expect(define).toThrow(quoted);
  });

  it('is quoted in errors without the values of its metadata', () => {
    const metadata = { password: 'hunter2', retries: 3 } as unknown as Record<string, string>;
    expect(() => defineInstance({ ...good, metadata })).toThrow(/^(?!.*hunter2).*"retries"/);
  });

  it.each(['10.0.0.1', '127.0.0.1', '::1', 'fe80::1', 'goods-1.shop.svc.cluster.local', 'my_host'])(
    'accepts host %s',
    (host) => {
      expect(defineInstance({ ...good, host }).host).toBe(host);
    },
  );

  it('may take 16 KiB, and not a byte more', () => {
    const rest = Buffer.byteLength(JSON.stringify(defineInstance({ ...good, metadata: { a: '' } })));
    const filled = (bytes: number) => ({ ...good, metadata: { a: 'x'.repeat(bytes - rest) } });
    expect(() => defineInstance(filled(16 * 1024))).not.toThrow();
    expect(() => defineInstance(filled(16 * 1024 + 1))).toThrow('16385 bytes');
  });

  it('has brackets around an IPv6 address', () => {
    expect(addressOf({ host: '::1', port: 1 })).toBe('[::1]:1');
    expect(addressOf({ host: '10.0.0.1', port: 1 })).toBe('10.0.0.1:1');
  });
});

const foreignNames = ['user.rpc', 'User', 'Shop.Users_v2', 'my service', '1234', 'größer', 'a'.repeat(253)];

it.each(foreignNames)('service %s can be watched and read, but not registered', (service) => {
  expect(() => assertWatchableName(service)).not.toThrow();
  expect(instanceOfRecord({ ...good, service }).service).toBe(service);
  expect(() => defineInstance({ ...good, service })).toThrow(/^INVALID_INSTANCE: /);
});

it.each(['', 'a/b', '.', '..', '*', 'a\nb', '\u001b[2J', '\ud800', 'a'.repeat(254), 7])(
  'service %j cannot be watched',
  (service) => {
    expect(() => assertWatchableName(service as string)).toThrow(/^INVALID_INSTANCE: invalid service /);
  },
);
