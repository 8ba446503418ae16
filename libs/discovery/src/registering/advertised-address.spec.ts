import { describe, expect, it } from 'vitest';
import { advertisedAddress } from './advertised-address.js';

const elsewhere = { host: '192.0.2.1', port: 8500 };
const here = { host: '127.0.0.1', port: 8500 };

describe('the advertised address', () => {
  it('is the explicit one before all others', async () => {
    expect(await advertisedAddress({ explicit: '10.1.2.3', bind: '10.9.9.9', registry: elsewhere })).toBe(
      '10.1.2.3',
    );
  });

  it('is the bound one unless that is a wildcard', async () => {
    expect(await advertisedAddress({ bind: '10.9.9.9', registry: elsewhere })).toBe('10.9.9.9');
  });

  it('is loopback for a registry on loopback, and for one that is a directory', async () => {
    expect(await advertisedAddress({ bind: '0.0.0.0', registry: here })).toBe('127.0.0.1');
    expect(await advertisedAddress({ bind: '0.0.0.0' })).toBe('127.0.0.1');
  });

  it.each(['0.0.0.0', '::'])('is never %s', async (wildcard) => {
    await expect(advertisedAddress({ explicit: wildcard, registry: here })).rejects.toThrow(
      new RegExp(`^NO_ADVERTISABLE_ADDRESS: ${wildcard} `),
    );
  });

  it('is never loopback while the registry is elsewhere', async () => {
    await expect(advertisedAddress({ bind: '127.0.0.1', registry: elsewhere })).rejects.toThrow(
      /^NO_ADVERTISABLE_ADDRESS: 127\.0\.0\.1 .*192\.0\.2\.1.*ADVERTISE_ADDRESS/,
    );
  });
});
