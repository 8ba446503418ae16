import { describe, expect, it } from 'vitest';
import { ConfigError, readConfig } from './config.js';

describe('readConfig', () => {
  it('has a default for every variable', () => {
    const config = readConfig('inventory', 0, {});
    expect(config).toMatchObject({
      service: 'inventory',
      host: '127.0.0.1',
      port: 0,
      drainTimeoutMs: 10_000,
      shutdownDelayMs: 0,
    });
    expect(config.registryUrl).toMatch(/^file:\/\/\/.*rollcall-\w+$/);
    expect(config.instanceId).toMatch(/^inventory-[0-9a-f]{8}$/);
    expect(config.instanceId).not.toBe(readConfig('inventory', 0, {}).instanceId);
  });

  it('treats an empty variable as unset', () => {
    expect(readConfig('aggregator', 8080, { PORT: '', VERSION: '' })).toMatchObject({
      port: 8080,
      version: undefined,
    });
  });

  it('prefers ADVERTISE_ADDRESS to POD_IP', () => {
    const both = readConfig('inventory', 0, { ADVERTISE_ADDRESS: '10.0.0.1', POD_IP: '10.0.0.2' });
    expect(both.advertiseAddress).toBe('10.0.0.1');
    expect(readConfig('inventory', 0, { POD_IP: '10.0.0.2' }).advertiseAddress).toBe('10.0.0.2');
  });

  it('enables LOG_LEVEL and all more severe levels', () => {
    expect(readConfig('inventory', 0, { LOG_LEVEL: 'warn' }).logLevels).toEqual(['warn', 'error', 'fatal']);
  });

  it.each([
    ['PORT', '99999'],
    ['PORT', 'http'],
    ['PORT', '1e1'],
    ['PORT', '0x10'],
    ['PORT', ' 1 '],
    ['WEIGHT', '1.5'],
    ['GRPC_REFLECTION', 'maybe'],
    ['WEIGHT', '0'],
    ['LOG_LEVEL', 'loud'],
    ['DRAIN_TIMEOUT_MS', '-1'],
    ['SHUTDOWN_DELAY_MS', '600001'],
    ['REGISTRY_URL', 'consul//127.0.0.1'],
  ])('rejects %s=%s and names both', (name, value) => {
    const read = () => readConfig('inventory', 0, { [name]: value });
    expect(read).toThrow(ConfigError);
    expect(read).toThrow(`${name}="${value}"`);
  });

  it('names every invalid variable, and redacts passwords', () => {
    const read = () => readConfig('inventory', 0, { PORT: 'x', REGISTRY_URL: 'etcd://shop:secret@h:0' });
    expect(read).toThrow(/(?=[\s\S]*PORT="x")(?=[\s\S]*REGISTRY_URL=)/);
    expect(read).toThrow(/^(?![\s\S]*secret)/);
  });
});
