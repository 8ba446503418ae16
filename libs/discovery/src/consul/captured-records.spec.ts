import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import type { Instance } from '../model/instance.js';
import type { ConsulEntry } from './api-types.js';
import { readEntry } from './entry-reader.js';
import { consulFormats } from './formats.js';

interface CapturedRecord {
  /** The module or program, its version, and what in it wrote the record. */
  readonly source: string;
  /** Of `/v1/health/service`; node and checks without empty fields. */
  readonly entry: ConsulEntry;
  readonly instance: Instance;
}

const file = new URL('../fixtures/captured-consul-records.json', import.meta.url);

// All but kitex run in tests/src/interop, and still write the same.
describe('a record as it was captured', () => {
  it.each(JSON.parse(readFileSync(file, 'utf8')) as readonly CapturedRecord[])(
    'of $source is read',
    ({ entry, instance }) => {
      const rejected: string[] = [];
      const read = readEntry(entry, consulFormats.rollcall, (key) => rejected.push(key));
      expect([read, rejected]).toEqual([instance, []]);
    },
  );
});
