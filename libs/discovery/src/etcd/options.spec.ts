import { describe, expect, it } from 'vitest';
import { parseRegistryUrl } from '../model/registry-url.js';
import { etcdBackend, etcdFromUrl, type EtcdOptions } from './index.js';

describe('an invalid option', () => {
  it.each<[EtcdOptions, string]>([
    [{ hosts: [] }, 'hosts []'],
    [{ hosts: ['http://h:2379'] }, 'hosts "http://h:2379"'],
    [{ hosts: ['h:0'] }, 'hosts "h:0"'],
    [{ hosts: ['h:65536'] }, 'hosts "h:65536"'],
    [{ hosts: 'h:2379' as never }, 'hosts "h:2379"'],
    [{ format: 'toString' as never }, 'format "toString"'],
    [{ prefix: 'shop' }, 'prefix "shop"'],
    [{ keyedBy: 'lease' as never }, 'keyedBy "lease"'],
    [{ ttlMs: 1_999 }, 'ttlMs 1999'],
    [{ ttlMs: 1_000 }, 'ttlMs 1000'],
    [{ ttlMs: 2_500 }, 'ttlMs 2500'],
    [{ ttlMs: NaN }, 'ttlMs NaN'],
    [{ requestTimeoutMs: 2_001 }, 'requestTimeoutMs 2001'],
    [{ username: 'shop' }, 'username "shop"'],
    [{ tls: { cert: 'x' } }, 'tls ["cert"]'],
  ])('%j: rejected, echoed', (options, echo) => {
    expect(() => etcdBackend(options)).toThrow(`INVALID_OPTION: invalid etcd ${echo}: `);
  });

  it('that is a secret: not echoed', () => {
    expect(() => etcdBackend({ password: 'hunter2' })).toThrow('username undefined');
    expect(() => etcdBackend({ password: 'hunter2' })).not.toThrow('hunter2');
  });
});

describe('a URL', () => {
  it('sets endpoints and prefix; its location has no secret', () => {
    const url = 'etcd://shop:hunter2@h1,[::1]:2380/?prefix=shop/&ttlMs=5000&format=kratos';
    const backend = etcdFromUrl(parseRegistryUrl(url));
    expect(backend).toMatchObject({ scheme: 'etcd', location: 'etcd://h1:2379,[::1]:2380/?prefix=shop/' });
  });

  it('without a host: the local endpoint', () => {
    expect(etcdFromUrl(parseRegistryUrl('etcd://')).location).toBe('etcd://127.0.0.1:2379');
  });

  it.each([
    ['etcd://a/shop/', 'etcd://host:port/?prefix=shop/'],
    ['etcd://a?color=red', 'option "color"'],
    ['etcd://a?ca=/etc/ca.pem', 'etcd+tls://'],
  ])('%s: INVALID_TARGET', (url, echo) => {
    expect(() => etcdFromUrl(parseRegistryUrl(url))).toThrow(/^INVALID_TARGET: /);
    expect(() => etcdFromUrl(parseRegistryUrl(url))).toThrow(echo);
  });

  it.each([
    ['etcd://a?ttlMs=soon', 'ttlMs NaN'],
    ['etcd://a?ttlMs=1e4', 'ttlMs NaN'],
    ['etcd://a?ttlMs=0x2710', 'ttlMs NaN'],
    ['etcd://a?prefix=shop', 'prefix "shop"'],
    ['etcd+tls://a?ca=/nowhere.pem', 'ca "/nowhere.pem"'],
  ])('%s: INVALID_OPTION', (url, echo) => {
    expect(() => etcdFromUrl(parseRegistryUrl(url))).toThrow(/^INVALID_OPTION: /);
    expect(() => etcdFromUrl(parseRegistryUrl(url))).toThrow(echo);
  });
});
