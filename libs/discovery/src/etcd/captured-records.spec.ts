import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import type { Instance } from '../model/instance.js';
import { type EtcdFormatName, etcdFormats } from './formats/index.js';
import { Layout } from './layout.js';

interface CapturedRecord {
  /** The module, its version, and what in it wrote the record. */
  readonly source: string;
  readonly format: EtcdFormatName;
  readonly key: string;
  readonly value: string;
  readonly instance: Instance;
}

const file = new URL('../fixtures/captured-etcd-records.json', import.meta.url);

// All but kitex run in tests/src/interop, and still write the same.
describe('a record as it was captured', () => {
  it.each(JSON.parse(readFileSync(file, 'utf8')) as readonly CapturedRecord[])(
    'of $source is read',
    ({ format: name, key, value, instance }) => {
      const format = etcdFormats[name];
      const layout = new Layout(format, format.prefix, format.keyedBy);
      expect(layout.read(key, Buffer.from(value))).toEqual(instance);
    },
  );
});
