import { conformanceCases, type ConformanceHarness } from '@rollcall/discovery/testing';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { keyValueBackend } from './key-value-backend.js';
import { KeyValueStore } from './key-value-store.js';

const store = new KeyValueStore();
beforeAll(() => store.start());
afterAll(() => store.stop());

const harness: ConformanceHarness = {
  open: () => keyValueBackend('127.0.0.1', store.port),
  writeUnreadable: (service) => store.put(`${service}/unreadable`, '{"instance":'),
  deleteRecord: ({ service, id }) => store.delete(`${service}/${id}`),
  overwriteRecord: (instance) =>
    store.put(`${instance.service}/${instance.id}`, JSON.stringify({ instance, owner: 'another' })),
  outage: { begin: () => store.stop(), end: () => store.start(), wipe: () => store.wipe() },
};

it.for(conformanceCases.map((each) => [each.name, each] as const))(
  '%s',
  { timeout: 60_000 },
  async ([, each], { skip }) => {
    const reason = each.skipped(harness);
    if (reason !== undefined) skip(reason);
    await expect(each.run(harness)).resolves.toBeUndefined();
  },
);
