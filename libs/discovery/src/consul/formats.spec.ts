import { expect, it } from 'vitest';
import { arbitraryInstance, Random } from '../model/arbitrary-instance.spec.fixture.js';
import type { ConsulService } from './api-types.js';
import { type ConsulFormatName, consulFormats } from './formats.js';
import { consulSettings } from './options.js';
import { readRecord } from './read-record.js';
import { writeRecord } from './write-record.js';

const runs = 200;
const seed = 20_260_101;
const names = Object.keys(consulFormats) as ConsulFormatName[];

it.each(names)(
  'any instance that is written as %s is read as the same instance, within the limits of Consul',
  (name) => {
    const random = new Random(seed);
    const settings = consulSettings({ format: name });
    for (let run = 0; run < runs; run++) {
      const instance = arbitraryInstance(random);
      const { Name, ...body } = writeRecord(instance, settings, '2026-01-02T03:04:05.678Z') as {
        Name: string;
      };
      const stored = JSON.parse(JSON.stringify({ ...body, Service: Name })) as ConsulService;
      // By a reader that is configured for the default format.
      expect(readRecord(stored, {}, consulFormats.rollcall), `run ${run}`).toEqual(instance);
      const pairs = Object.entries(stored.Meta ?? {});
      expect(pairs.length).toBeLessThanOrEqual(64);
      expect(pairs.filter(([key]) => !/^[\w-]{1,128}$/.test(key))).toEqual([]);
      expect(pairs.filter(([, value]) => Buffer.byteLength(value) > 512)).toEqual([]);
    }
  },
);
