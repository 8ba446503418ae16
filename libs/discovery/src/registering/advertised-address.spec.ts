import { describe, expect, it } from 'vitest';
import { advertisedAddress } from './advertised-address.js';

const elsewhere = '192.0.2.1';
const here = '127.0.0.1';

describe('the advertised address', () => {
  it('is the explicit one before all others', async () => {
    expect(await advertisedAddress({ explicit: '10.1.2.3', bind: '10.9.9.9', registryHost: elsewhere })).toBe(
      '10.1.2.3',
    );
  });

  it('is the bound one unless that is a wildcard', async () => {
    expect(await advertisedAddress({ bind: '10.9.9.9', registryHost: elsewhere })).toBe('10.9.9.9');
  });

  it('is loopback for a registry on loopback, and for one that is a directory', async () => {
    expect(await advertisedAddress({ bind: '0.0.0.0', registryHost: here })).toBe('127.0.0.1');
    expect(await advertisedAddress({ bind: '0.0.0.0' })).toBe('127.0.0.1');
  });

  it.each(['0.0.0.0', '::'])('is never %s', async (wildcard) => {
    await expect(advertisedAddress({ explicit: wildcard, registryHost: here })).rejects.toThrow(
      new RegExp(`^NO_ADVERTISABLE_ADDRESS: ${wildcard} `),
    );
  });

  it('is never loopback while the registry is elsewhere', async () => {
    await expect(advertisedAddress({ bind: '127.0.0.1', registryHost: elsewhere })).rejects.toThrow(
      /^NO_ADVERTISABLE_ADDRESS: 127\.0\.0\.1 .*192\.0\.2\.1.*ADVERTISE_ADDRESS/,
    );
  });
});
