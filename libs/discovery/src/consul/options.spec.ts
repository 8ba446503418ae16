import { describe, expect, it } from 'vitest';
import { parseRegistryUrl } from '../model/registry-url.js';
import { consulBackend, consulFromUrl, type ConsulOptions } from './index.js';

describe('an invalid option', () => {
  it.each<[ConsulOptions, string]>([
    [{ host: 'http://x' }, 'host "http://x"'],
    [{ port: 0 }, 'port 0'],
    [{ ttlMs: 10 }, 'ttlMs 10'],
    [{ waitMs: 60_000 }, 'waitMs 60000'],
    [{ requestTimeoutMs: 2_001 }, 'requestTimeoutMs 2001'],
    [{ deregisterCriticalAfterMs: -1 }, 'deregisterCriticalAfterMs -1'],
    [{ format: 'toString' as never }, 'format "toString"'],
    [{ datacenter: 'a b' }, 'datacenter "a b"'],
    [{ namespace: 'a\r\nb' }, 'namespace "a\\r\\nb"'],
    [{ stale: 'maybe' as never }, 'stale "maybe"'],
    [{ check: { kind: 'ping' as never } }, 'check.kind "ping"'],
    [{ check: { kind: 'tcp', intervalMs: 5 } }, 'check.intervalMs 5'],
    [{ check: { kind: 'http', path: 'up' } }, 'check.path "up"'],
    [{ tls: { cert: 'x' } }, 'tls ["cert"]'],
  ])('%j: rejected, echoed', (options, echo) => {
    expect(() => consulBackend(options)).toThrow(`INVALID_OPTION: invalid consul ${echo}: `);
  });

  it('that is a secret: not echoed', () => {
    expect(() => consulBackend({ token: 'my secret' })).toThrow('token "***"');
    expect(() => consulBackend({ token: 'my secret' })).not.toThrow('my secret');
  });
});

describe('a URL', () => {
  it('sets the agent; its location has no secret', () => {
    const backend = consulFromUrl(
      parseRegistryUrl('consul://:hunter2@agent:8600?dc=eu&ttlMs=15000&check=grpc'),
    );
    expect(backend).toMatchObject({ scheme: 'consul', location: 'consul://agent:8600' });
  });

  it('without a host: the local agent', () => {
    expect(consulFromUrl(parseRegistryUrl('consul://')).location).toBe('consul://127.0.0.1:8500');
  });

  it.each([
    ['consul://a,b', '2 hosts'],
    ['consul://token@a', 'consul://:token@host'],
    ['consul://a/path', 'path "/path"'],
    ['consul://a?color=red', 'option "color"'],
    ['consul://a?ca=/etc/ca.pem', 'consul+tls://'],
  ])('%s: INVALID_TARGET', (url, echo) => {
    expect(() => consulFromUrl(parseRegistryUrl(url))).toThrow(/^INVALID_TARGET: /);
    expect(() => consulFromUrl(parseRegistryUrl(url))).toThrow(echo);
  });

  it.each([
    ['consul://a?ttlMs=soon', 'ttlMs NaN'],
    ['consul://a?ttlMs=1e4', 'ttlMs NaN'],
    ['consul://a?ttlMs=0x2710', 'ttlMs NaN'],
    ['consul://a?format=json', 'format "json"'],
    ['consul://a?stale=maybe', 'stale "maybe"'],
    ['consul+tls://a?ca=/nowhere.pem', 'ca "/nowhere.pem"'],
  ])('%s: INVALID_OPTION', (url, echo) => {
    expect(() => consulFromUrl(parseRegistryUrl(url))).toThrow(/^INVALID_OPTION: /);
    expect(() => consulFromUrl(parseRegistryUrl(url))).toThrow(echo);
  });
});
