import { networkInterfaces } from 'node:os';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { advertisedAddress } from './advertised-address.js';

const lookup = vi.hoisted(() => vi.fn<() => Promise<unknown>>());
vi.mock('node:dns/promises', () => ({ lookup }));
afterEach(() => void lookup.mockReset());

const hasIPv6 = Object.values(networkInterfaces())
  .flat()
  .some((each) => each?.address === '::1');

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

describe('a registry host that is a name', () => {
  it.runIf(hasIPv6)('with IPv6 addresses only: the route to them decides', async () => {
    lookup.mockResolvedValue([{ address: '::1', family: 6 }]);
    // Loopback, because every machine has a route to it: the error names the address that was chosen.
    await expect(advertisedAddress({ registryHost: 'registry.example' })).rejects.toThrow(
      /^NO_ADVERTISABLE_ADDRESS: ::1 /,
    );
  });

  it('that does not resolve in time is given up after 2 s', async () => {
    lookup.mockReturnValue(new Promise(() => {}));
    const startedAt = performance.now();
    await advertisedAddress({ registryHost: 'registry.example' }).catch(() => {});
    expect(performance.now() - startedAt).toBeLessThan(3_000);
  });
});
