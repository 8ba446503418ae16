import { describe, expect, it } from 'vitest';
import { openRegistry } from '../open-registry.js';
import { srvBackend, type SrvOptions } from './index.js';

describe('URL', () => {
  it.each([
    ['srv://127.0.0.1:8600/{service}.service.consul', 'srv://127.0.0.1:8600/{service}.service.consul'],
    ['srv://10.0.0.2,[fd00::2]:5353', 'srv://10.0.0.2:53,[fd00::2]:5353/{service}'],
    ['srv:///_x._tcp.{service}.a.example,{service}.b', 'srv:///_x._tcp.{service}.a.example,{service}.b'],
    [
      'srv://dns/?minIntervalMs=2000&maxIntervalMs=5000&requestTimeoutMs=500&family=6',
      'srv://dns:53/{service}',
    ],
  ])('%s', async (url, location) => {
    const registry = await openRegistry(url);
    expect([registry.scheme, registry.location]).toEqual(['srv', location]);
    await registry.close();
  });

  it.each([
    ['srv+tls://10.0.0.2', /INVALID_TARGET: .*\+tls/],
    ['srv://me:secret@10.0.0.2', /INVALID_TARGET: invalid user or password(?!.*secret)/],
    [
      'srv:///inventory.example.org',
      /INVALID_OPTION: invalid srv name "inventory.example.org": .*\{service\}/,
    ],
    ['srv:///{service}..org', /INVALID_OPTION: invalid srv name/],
    ['srv://10.0.0.2?ttl=5', /INVALID_TARGET: invalid option "ttl" in a srv:\/\/ URL: use .*minIntervalMs/],
    ['srv://10.0.0.2?minIntervalMs=1', /INVALID_OPTION: invalid srv minIntervalMs 1: use an integer from 10/],
    [
      'srv://10.0.0.2?maxIntervalMs=500',
      /INVALID_OPTION: invalid srv maxIntervalMs 500: use an integer from 1000/,
    ],
    ['srv://10.0.0.2?family=5', /INVALID_OPTION: invalid srv family 5/],
    ['srv://1.2/{service}', /INVALID_OPTION: invalid srv host "1.2"/],
  ])('%s is rejected', async (url, message) => {
    await expect(openRegistry(url)).rejects.toThrow(message);
  });
});

it.each<[SrvOptions, RegExp]>([
  [{ names: [] }, /INVALID_OPTION: invalid srv names/],
  [{ servers: [{ host: 'dns://x' }] }, /INVALID_OPTION: invalid srv host "dns:\/\/x"/],
  [{ servers: [{ host: '10.0.0.2', port: 0 }] }, /INVALID_OPTION: invalid srv port 0/],
  [{ requestTimeoutMs: 5_000 }, /INVALID_OPTION: invalid srv requestTimeoutMs 5000/],
])('options %j are rejected', (options, message) => {
  expect(() => srvBackend(options)).toThrow(message);
});
