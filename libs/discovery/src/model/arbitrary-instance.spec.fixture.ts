import { defineInstance, type Instance, type InstanceInit, maxRecordBytes } from './instance.js';

/** Pseudo-random numbers, the same for the same seed (mulberry32, by Tommy Ettinger). */
export class Random {
  #state: number;

  constructor(seed: number) {
    this.#state = seed;
  }

  /** An integer from 0 to `below` - 1. */
  integer(below: number): number {
    this.#state = (this.#state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(this.#state ^ (this.#state >>> 15), this.#state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return Math.floor((((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32) * below);
  }

  pick<T>(items: readonly T[]): T {
    return items[this.integer(items.length)]!;
  }

  /** `min` to `max` items. */
  list<T>(min: number, max: number, create: () => T): T[] {
    return Array.from({ length: min + this.integer(max - min + 1) }, create);
  }

  text(alphabet: readonly string[], min: number, max: number): string {
    return this.list(min, max, () => this.pick(alphabet)).join('');
  }
}

const hexadecimal = [...'0123456789abcdef'];
const lower = [...'abcdefghijklmnopqrstuvwxyz'];
const label = [...lower, ...'0123456789-'];
/** Syntax of JSON, URLs, tags and keys, white space, control characters, and characters of one to four bytes. */
const anything = [...label, ...`_.:;,@/\\"'{}[]()<>=?&%#+*!~|$ \t\n\r\0\u007fäßλж中\u2028\ufeff🎧`];
/** Texts that a format uses itself, or that have a meaning in JavaScript. */
const special = [
  'rollcall',
  'rollcall-metadata-0',
  'rollcall-announced-at',
  'weight',
  'version',
  'version=v2',
  'zone',
  'protocol',
  'secure',
  'gRPC_port',
  'metadata',
  'tags',
  'constructor',
  '__proto__',
  'null',
];

/** Any instance that may be registered, with all that its fields may contain, also as large as a record may be. */
export function arbitraryInstance(random: Random): Instance {
  for (;;) {
    const init = arbitraryInit(random);
    if (Buffer.byteLength(JSON.stringify(init)) < maxRecordBytes - 200) return defineInstance(init);
  }
}

function arbitraryInit(random: Random): InstanceInit {
  const text = (min = 0, max = 40) =>
    random.integer(4) === 0 ? random.pick(special) : random.text(anything, min, max);
  const sometimes = (field: keyof Instance, value: unknown) => (random.integer(2) ? { [field]: value } : {});
  const large = random.integer(10) === 0;
  return {
    id: random.text([...label, ...'_.:@ABC'], 1, 128),
    service: `${random.pick(lower)}${random.text(label, 0, 61)}${random.pick(lower)}`,
    host: arbitraryHost(random),
    port: 1 + random.integer(65_535),
    ...sometimes('weight', 1 + random.integer(65_535)),
    ...sometimes(
      'tags',
      random.list(0, 6, () => text(1)),
    ),
    ...sometimes(
      'metadata',
      Object.fromEntries(
        random
          .list(0, large ? 60 : 8, () => [text(), text(0, large ? 250 : 60)] as const)
          .filter(([key]) => key !== '__proto__'),
      ),
    ),
    ...sometimes('protocol', random.pick(['grpc', 'http', text(1)])),
    ...sometimes('version', text(1)),
    ...sometimes('zone', text(1)),
    ...sometimes('registeredAt', random.integer(2 ** 41)),
  };
}

function arbitraryHost(random: Random): string {
  const byte = () => random.integer(256);
  const group = () => random.text(hexadecimal, 1, 4);
  return random.pick([
    () => `10.${byte()}.${byte()}.${byte()}`,
    () => Array.from({ length: 8 }, group).join(':'),
    () => `fd00::${group()}`,
    () => `${random.text(lower, 1, 20)}.${random.text(lower, 1, 20)}`,
    () => random.text(lower, 1, 63),
  ])();
}
