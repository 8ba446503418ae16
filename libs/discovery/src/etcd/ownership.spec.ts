import type { IKeyValue } from 'etcd3';
import { beforeEach, describe, expect, it } from 'vitest';
import { Ownership } from './ownership.js';

let ownership: Ownership;
beforeEach(() => {
  ownership = new Ownership();
});

function record(lease: string, created = '10'): IKeyValue {
  const value = Buffer.alloc(0);
  const key = Buffer.from('inventory/a');
  return { key, value, lease, create_revision: created, mod_revision: '12', version: '2' };
}
const replace = (found: IKeyValue, created?: string, isAtOurAddress = false) =>
  ownership.assertReplaceable(found, created, isAtOurAddress);
const leaseOfAnother = () => new Ownership().newLease();

describe('a lease', () => {
  it('has a positive int64 as its id, each time a different one', () => {
    const leases = Array.from({ length: 100 }, () => ownership.newLease());
    expect(new Set(leases).size).toBe(100);
    expect(leases.every((lease) => BigInt(lease) > 0n && BigInt(lease) < 2n ** 63n)).toBe(true);
  });
});

describe('a record under our key', () => {
  it('is ours under any lease of ours, and nobody’s without a lease', () => {
    for (const lease of [ownership.newLease(), ownership.newLease(), '0']) {
      expect(() => replace(record(lease))).not.toThrow();
      expect(() => ownership.assertNotTaken(record(lease))).not.toThrow();
    }
  });

  it('that another instance keeps alive stays with that instance', () => {
    expect(() => replace(record(leaseOfAnother()))).toThrow(
      /^CONFLICT: inventory\/a is kept alive by another instance/,
    );
  });

  it('that another instance has overwritten is taken back, since ours came first', () => {
    expect(() => ownership.assertNotTaken(record(leaseOfAnother()))).toThrow(
      /^CONFLICT: inventory\/a was overwritten by another instance/,
    );
    expect(() => replace(record(leaseOfAnother(), '10'), '10')).not.toThrow();
  });

  it('that another instance created after ours was deleted stays with that instance', () => {
    expect(() => replace(record(leaseOfAnother(), '11'), '10')).toThrow(/^CONFLICT/);
  });

  it('at our own address is a leftover of an earlier boot, unless it was created after ours', () => {
    expect(() => replace(record(leaseOfAnother()), undefined, true)).not.toThrow();
    expect(() => replace(record(leaseOfAnother(), '10'), '10', true)).toThrow(/^CONFLICT/);
  });
});
