import { describe, expect, it } from 'vitest';
import { arbitraryInstance, Random } from '../../model/arbitrary-instance.spec.fixture.js';
import { DiscoveryError } from '../../model/errors.js';
import { addressOf, type Instance } from '../../model/instance.js';
import { Layout } from '../layout.js';
import { type EtcdFormatName, etcdFormats } from './index.js';

const runs = 200;
const seed = 20_260_101;
const names = Object.keys(etcdFormats) as EtcdFormatName[];

function layoutOf(name: EtcdFormatName): Layout {
  const format = etcdFormats[name];
  return new Layout(format, format.prefix, format.keyedBy);
}

/** What a format that holds only the address loses. */
const lost = { id: expect.any(String), weight: 1, tags: [], metadata: {} };

describe.each(names)('the format %s', (name) => {
  const layout = layoutOf(name);

  it('any instance that is written is read as the same instance, or as what the format can hold of it', () => {
    const random = new Random(seed);
    for (let run = 0; run < runs; run++) {
      const draining = layout.carriesDraining && random.integer(4) === 0 ? { draining: true } : {};
      const instance = { ...arbitraryInstance(random), ...draining };
      const [key, value] = [layout.keyOf(instance), layout.write(instance)];
      const { service, host, port } = instance;
      const expected = layout.carriesDraining ? instance : { service, host, port, ...lost };
      expect(layout.read(key, value), `run ${run}`).toEqual(expected);
      expect(layout.addressIn(key, value)).toBe(addressOf(instance));
    }
  });

  it('of a damaged value, an instance is read or it is INVALID_RECORD', () => {
    const random = new Random(seed);
    for (let run = 0; run < runs; run++) {
      const instance = arbitraryInstance(random);
      const value = layout.write(instance);
      for (let damages = 0; damages <= random.integer(4); damages++) {
        value[random.integer(value.length)] = random.integer(256);
      }
      const shortened = value.subarray(0, value.length - random.integer(3));
      const outcome = outcomeOf(() => layout.read(layout.keyOf(instance), shortened));
      expect(outcome, `run ${run}`).toBeOneOf([instance.service, 'INVALID_RECORD']);
    }
  });
});

/** The service of the instance that is read, or the code of the error. */
function outcomeOf(read: () => Instance | undefined): string | undefined {
  try {
    return read()?.service;
  } catch (error) {
    if (!(error instanceof DiscoveryError)) throw error;
    return error.code;
  }
}
