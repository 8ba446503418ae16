import { describe, expect, it } from 'vitest';
import { advertisedAddress } from './advertised-address.js';

const elsewhere = '192.0.2.1';
const here = '127.0.0.1';

describe('the advertised address', () => {
  it('explicit address: takes precedence', async () => {
    expect(await advertisedAddress({ explicit: '10.1.2.3', bind: '10.9.9.9', registryHost: elsewhere })).toBe(
      '10.1.2.3',
    );
  });

  it('bound to a specific address: that one', async () => {
    expect(await advertisedAddress({ bind: '10.9.9.9', registryHost: elsewhere })).toBe('10.9.9.9');
  });

  it('registry on loopback or a directory: loopback', async () => {
    expect(await advertisedAddress({ bind: '0.0.0.0', registryHost: here })).toBe('127.0.0.1');
    expect(await advertisedAddress({ bind: '0.0.0.0' })).toBe('127.0.0.1');
  });

  it.each(['0.0.0.0', '::'])('%s: rejected', async (wildcard) => {
    await expect(advertisedAddress({ explicit: wildcard, registryHost: here })).rejects.toThrow(
      new RegExp(`^NO_ADVERTISABLE_ADDRESS: ${wildcard} `),
    );
  });

  it('loopback with a remote registry: rejected', async () => {
    await expect(advertisedAddress({ bind: '127.0.0.1', registryHost: elsewhere })).rejects.toThrow(
      /^NO_ADVERTISABLE_ADDRESS: 127\.0\.0\.1 .*192\.0\.2\.1.*ADVERTISE_ADDRESS/,
    );
  });
});
