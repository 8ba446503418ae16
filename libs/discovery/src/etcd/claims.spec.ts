import type { IKeyValue } from 'etcd3';
import { beforeEach, describe, expect, it } from 'vitest';
import { Claims } from './claims.js';

const key = 'inventory/a';
let claims: Claims;
beforeEach(() => {
  claims = new Claims();
});

function record(lease: string, origin = '10'): IKeyValue {
  const value = Buffer.alloc(0);
  return { key: Buffer.from(key), value, lease, create_revision: origin, mod_revision: '12', version: '2' };
}
const takes = (found: IKeyValue, isAtOurAddress = false) =>
  claims.assertReplaceable(key, found, isAtOurAddress);
const stranger = () => new Claims().newLease();

describe('a lease', () => {
  it('is a positive int64, and another one each time', () => {
    const leases = Array.from({ length: 100 }, () => claims.newLease());
    expect(new Set(leases).size).toBe(100);
    expect(leases.every((lease) => BigInt(lease) > 0n && BigInt(lease) < 2n ** 63n)).toBe(true);
  });
});

describe('a record of our name', () => {
  it('is ours under any lease that was ever ours, and nobody’s under none', () => {
    for (const lease of [claims.newLease(), claims.newLease(), '0']) {
      expect(() => takes(record(lease))).not.toThrow();
      expect(() => claims.assertNotTaken(key, record(lease))).not.toThrow();
    }
  });

  it('that a stranger keeps alive stays the stranger’s', () => {
    expect(() => takes(record(stranger()))).toThrow(/^CONFLICT: inventory\/a is kept alive by someone else/);
  });

  it('that a stranger has written over ours is taken back by us, who came first', () => {
    claims.written(key, '10');
    expect(() => claims.assertNotTaken(key, record(stranger()))).toThrow(/^CONFLICT: inventory\/a was taken/);
    expect(() => takes(record(stranger(), '10'))).not.toThrow();
  });

  it('that a stranger has created after ours was gone is the stranger’s', () => {
    claims.written(key, '10');
    expect(() => takes(record(stranger(), '11'))).toThrow(/^CONFLICT/);
  });

  it('at our own address is left over from an earlier boot, unless it came after us', () => {
    expect(() => takes(record(stranger()), true)).not.toThrow();
    claims.written(key, '10');
    expect(() => takes(record(stranger(), '10'), true)).toThrow(/^CONFLICT/);
    claims.withdrawn(key);
    expect(() => takes(record(stranger()), true)).not.toThrow();
  });
});
