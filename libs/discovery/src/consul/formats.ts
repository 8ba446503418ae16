import { addressOf, type Instance } from '../model/instance.js';

/**
 * What a format adds to our records for the readers of another system. Every record contains the name of its format; to read
 * records in a custom format, a reader needs that format too.
 */
export interface ConsulFormat {
  /** Written to Meta as `rollcall`: letters, digits and hyphens. */
  readonly name: string;
  /** Tags to append to those of the instance. */
  readonly tags: (instance: Pick<Instance, 'version' | 'metadata'>) => readonly string[];
  /** Additional Meta keys, and their values. */
  readonly meta: Readonly<Record<string, (instance: Instance) => string>>;
  readonly taggedAddresses?: (instance: Instance) => Record<string, { Address: string; Port: number }>;
}

/**
 * Built-in formats. `rollcall` adds nothing:
 * - `kratos` (go-kratos `contrib/registry/consul`): version as a tag, the endpoint as a tagged address, weight in Meta.
 * - `spring` (Spring Cloud Consul, grpc-spring): weight and the gRPC port in Meta.
 * - `kitex` (kitex-contrib `registry-consul`): metadata as tags `key:value`, weight in `Weights`.
 */
export const consulFormats = {
  rollcall: { name: 'rollcall', tags: () => [], meta: {} },
  kratos: {
    name: 'kratos',
    tags: ({ version }) => (version === undefined ? [] : [`version=${version}`]),
    meta: { weight: ({ weight }) => String(weight) },
    taggedAddresses: (instance) => {
      const scheme = instance.protocol ?? 'grpc';
      const address = `${scheme}://${addressOf(instance)}?isSecure=false`;
      return { [scheme]: { Address: address, Port: instance.port } };
    },
  },
  spring: {
    name: 'spring',
    tags: () => [],
    meta: {
      secure: () => 'false',
      weight: ({ weight }) => String(weight),
      gRPC_port: ({ port }) => String(port),
    },
  },
  kitex: {
    name: 'kitex',
    tags: ({ metadata }) => Object.entries(metadata).map(([key, value]) => `${key}:${value}`),
    meta: {},
  },
} as const satisfies Record<string, ConsulFormat>;

export type ConsulFormatName = keyof typeof consulFormats;

/** The format named in a record; undefined for a record that is not ours. */
export function formatOf(
  meta: Readonly<Record<string, string>>,
  configured: ConsulFormat,
): ConsulFormat | undefined {
  const name = meta['rollcall'] ?? '';
  if (name === configured.name) return configured;
  return Object.hasOwn(consulFormats, name) ? consulFormats[name as ConsulFormatName] : undefined;
}

/** The fields of an instance with a Meta key of the same name, in every format. */
export const ownKeys = ['version', 'zone', 'protocol'] as const;

const reserved = new WeakMap<ConsulFormat, ReadonlySet<string>>();

/** Meta keys that a format uses itself, so that metadata cannot. */
export function reservedKeys(format: ConsulFormat): ReadonlySet<string> {
  let keys = reserved.get(format);
  if (!keys) reserved.set(format, (keys = new Set([...ownKeys, ...Object.keys(format.meta)])));
  return keys;
}
