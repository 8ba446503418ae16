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
  it('has a unique positive int64 as its id', () => {
    const leases = Array.from({ length: 100 }, () => ownership.newLease());
    expect(new Set(leases).size).toBe(100);
    expect(leases.every((lease) => BigInt(lease) > 0n && BigInt(lease) < 2n ** 63n)).toBe(true);
  });
});

describe('a record under our key', () => {
  it('with a lease of ours or without a lease: replaceable', () => {
    for (const lease of [ownership.newLease(), ownership.newLease(), '0']) {
      expect(() => replace(record(lease))).not.toThrow();
      expect(() => ownership.assertNotTaken(record(lease))).not.toThrow();
    }
  });

  it('kept alive by another instance: CONFLICT', () => {
    expect(() => replace(record(leaseOfAnother()))).toThrow(
      /^CONFLICT: inventory\/a is kept alive by another instance/,
    );
  });

  it('overwritten by another instance: CONFLICT, then replaceable, because ours was created first', () => {
    expect(() => ownership.assertNotTaken(record(leaseOfAnother()))).toThrow(
      /^CONFLICT: inventory\/a was overwritten by another instance/,
    );
    expect(() => replace(record(leaseOfAnother(), '10'), '10')).not.toThrow();
  });

  it('created by another instance after ours was deleted: CONFLICT', () => {
    expect(() => replace(record(leaseOfAnother(), '11'), '10')).toThrow(/^CONFLICT/);
  });

  it('at our own address: replaceable as a leftover, unless created after ours', () => {
    expect(() => replace(record(leaseOfAnother()), undefined, true)).not.toThrow();
    expect(() => replace(record(leaseOfAnother(), '10'), '10', true)).toThrow(/^CONFLICT/);
  });
});
