import { describe, expect, it } from 'vitest';
import { parseRegistryUrl, redactUrl } from './registry-url.js';

describe('a registry URL', () => {
  it('has one host, with or without a port', () => {
    expect(parseRegistryUrl('consul://127.0.0.1:8501?dc=eu')).toMatchObject({
      scheme: 'consul',
      tls: false,
      hosts: [{ host: '127.0.0.1', port: 8501 }],
      options: new Map([['dc', 'eu']]),
    });
    expect(parseRegistryUrl('consul://registry').hosts).toEqual([{ host: 'registry' }]);
  });

  it('has several hosts, a user and a password', () => {
    expect(parseRegistryUrl('etcd+tls://shop:p%40ss:1@h1:2379,[::1]:2380/?prefix=shop/')).toMatchObject({
      scheme: 'etcd',
      tls: true,
      username: 'shop',
      password: 'p@ss:1',
      hosts: [
        { host: 'h1', port: 2379 },
        { host: '::1', port: 2380 },
      ],
    });
  });

  it('has a directory', () => {
    expect(parseRegistryUrl('file:///run/rollcall')).toMatchObject({
      scheme: 'file',
      hosts: [],
      path: '/run/rollcall',
    });
  });

  it.each(['', 'consul', 'consul//x', 'consul://h:0', 'consul://h:99999', 'etcd://h1:2379,:1', 'Consul://h'])(
    '"%s" is rejected',
    (url) => {
      expect(() => parseRegistryUrl(url)).toThrow(/^INVALID_TARGET: /);
    },
  );

  it('may have a password with an unencoded "@"', () => {
    expect(parseRegistryUrl('etcd://shop:p@ss@h')).toMatchObject({
      password: 'p@ss',
      hosts: [{ host: 'h' }],
    });
  });

  it.each([
    ['"/" in its password', 'etcd://root:xq/sswd@h'],
    ['"/" after digits in its password', 'etcd://root:77/sswd@h'],
    ['"?" in its password', 'etcd://root:77?sswd@h'],
    ['"@" and "/" in its password', 'etcd://root:p@77/sswd@h'],
    ['"%" in its password', 'etcd://root:77%sswd@h'],
  ])('with an unencoded %s is rejected; the error has no part of it and says how to encode it', (_, url) => {
    expect(() => parseRegistryUrl(url)).toThrow(/^INVALID_TARGET: (?!.*(?:xq|77|sswd))/);
    expect(redactUrl(url)).toBe('etcd://***@h');
  });

  it('without credentials is not masked', () => {
    const urls = ['file:///run/a@b', 'etcd://h1:2379,h2/?prefix=shop/', 'consul://h?dc=eu'];
    expect(urls.map(redactUrl)).toEqual(urls);
    expect(redactUrl('consul://h?token=a&dc=eu&Password=b')).toBe('consul://h?token=***&dc=eu&Password=***');
  });

  it('is quoted in errors without its password', () => {
    expect(() => parseRegistryUrl('etcd://shop:secret@h:0')).toThrow(/^(?!.*secret).*\*\*\*@h:0/);
  });
});
