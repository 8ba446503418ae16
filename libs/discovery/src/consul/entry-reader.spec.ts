import { describe, expect, it } from 'vitest';
import type { DiscoveryError } from '../model/errors.js';
import { defineInstance } from '../model/instance.js';
import type { ConsulEntry, ConsulService } from './api-types.js';
import { healthOf, readEntry } from './entry-reader.js';
import { consulFormats as formats } from './formats.js';
import { ListReader } from './list-reader.js';
import { consulSettings } from './options.js';
import { writeRecord } from './write-record.js';

const instance = defineInstance({
  id: 'inventory-1',
  service: 'inventory',
  host: '10.0.0.1',
  port: 50_051,
  weight: 7,
  metadata: { team: 'stock' },
});
const { Name, ...body } = writeRecord(
  instance,
  consulSettings({}),
  '2026-01-02T03:04:05.678Z',
) as ConsulService & {
  Name: string;
};
/** The record as Consul returns it. */
const service = JSON.parse(JSON.stringify({ ...body, Service: Name })) as ConsulService;

describe('the health of a service', () => {
  it.each([
    ['healthy', ['passing', 'warning']],
    ['critical', ['passing', 'critical']],
    ['critical', ['passing', 'unknown']],
  ])('is %s with %j', (expected, statuses) => {
    const checks = statuses.map((Status, n) => ({ CheckID: `c${n}`, Status }));
    expect(healthOf('a', checks)).toBe(expected);
  });

  it.each(['_service_maintenance:a', '_node_maintenance'])('is draining with %s', (CheckID) => {
    expect(healthOf('a', [{ CheckID, Status: 'critical' }])).toBe('draining');
  });

  it('is not draining for the maintenance of another instance', () => {
    const checks = [{ CheckID: '_service_maintenance:ab', Status: 'passing' }];
    expect(healthOf('a', checks)).toBe('healthy');
  });
});

describe('unreadable entries', () => {
  const good = { Node: { Node: 'n' }, Service: service, Checks: [] };
  const bad: readonly unknown[] = [
    { Node: { Node: 'n' }, Service: { ...service, ID: 'no-port', Port: 0 }, Checks: [] },
    { Node: { Node: 'n' }, Service: { ...service, ID: 'text', Port: '80' }, Checks: [] },
    { Node: { Node: 'n' }, Service: { ...service, ID: 'tags', Tags: 7 }, Checks: [] },
    { Node: { Node: 'n' }, Service: { ...service, ID: 'bulk', Tags: ['x'.repeat(1_500_000)] } },
    {
      Node: { Node: 'n' },
      Service: { ID: 'chunks', Meta: { rollcall: 'rollcall', 'rollcall-metadata-0': '!' } },
    },
    { Node: { Node: 'n' }, Service: JSON.parse('{"ID":"p","Meta":{"__proto__":{"port":1}}}') },
    `{"Node":{"Node":"n"},"Service":{"ID":"deep","Tags":${'['.repeat(50_000)}${']'.repeat(50_000)}}}`,
    { Node: { Node: 'n' }, Service: { ID: 'checks' }, Checks: 'many' },
    {},
    7,
    null,
  ];

  /** Reads lists, whose elements are given as objects or as JSON. */
  function readerOf(rejected: (key: string, reason: DiscoveryError) => void) {
    const read = (entry: unknown) => readEntry(entry as ConsulEntry, formats.rollcall, rejected);
    const reader = new ListReader(read);
    return (elements: readonly unknown[]) => {
      const json = elements.map((each) => (typeof each === 'string' ? each : JSON.stringify(each)));
      return reader.read(Buffer.from(`[${json.join(',')}]`))?.filter((each) => each !== undefined);
    };
  }

  it('are left out and reported with their key', () => {
    const rejected: string[] = [];
    const read = readerOf((key, reason) => {
      expect(reason.message).toMatch(/^INVALID_RECORD: /);
      rejected.push(key);
    });
    expect(read([...bad, good])).toEqual([instance]);
    expect(rejected).toHaveLength(bad.length);
    expect(rejected).toContain('n/no-port');
  });

  it('are reported once', () => {
    let count = 0;
    const read = readerOf(() => (count += 1));
    for (let n = 0; n < 3; n++) read([...bad.slice(0, 4), { ...good, Checks: [{ CheckID: `${n}` }] }]);
    expect(count).toBe(4);
  });

  it('an unchanged record: the same object', () => {
    const read = readerOf(() => {});
    const [before] = read([good])!;
    const other = { ...good, Service: { ...good.Service, ID: 'other' } };
    expect(read([other, good])![1]).toBe(before);
    const moved = { ...good, Service: { ...good.Service, Port: 1 } };
    expect(read([moved])![0]).toMatchObject({ port: 1 });
  });
});
