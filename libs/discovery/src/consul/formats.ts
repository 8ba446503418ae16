import { addressOf, type Instance } from '../model/instance.js';

/** What a format adds to a record, so that the readers of another system find what they look for. */
interface Format {
  /** Behind the instance's own tags. */
  readonly tags: (instance: Pick<Instance, 'version' | 'metadata'>) => string[];
  readonly meta: Readonly<Record<string, (instance: Instance) => string>>;
  readonly taggedAddresses?: (instance: Instance) => Record<string, { Address: string; Port: number }>;
}

/**
 * Every format carries the whole of our own record; the others add to it:
 * - `kratos` (go-kratos `contrib/registry/consul`): version as a tag, the endpoint as a tagged address, weight in Meta.
 * - `spring` (Spring Cloud Consul, grpc-spring): weight and the gRPC port in Meta.
 * - `kitex` (kitex-contrib `registry-consul`): metadata as tags `key:value`, weight in `Weights`.
 */
export const formats = {
  rollcall: { tags: () => [], meta: {} },
  kratos: {
    tags: ({ version }) => (version === undefined ? [] : [`version=${version}`]),
    meta: { weight: ({ weight }) => String(weight) },
    taggedAddresses: (instance) => {
      const scheme = instance.protocol ?? 'grpc';
      const address = `${scheme}://${addressOf(instance)}?isSecure=false`;
      return { [scheme]: { Address: address, Port: instance.port } };
    },
  },
  spring: {
    tags: () => [],
    meta: {
      secure: () => 'false',
      weight: ({ weight }) => String(weight),
      gRPC_port: ({ port }) => String(port),
    },
  },
  kitex: {
    tags: ({ metadata }) => Object.entries(metadata).map(([key, value]) => `${key}:${value}`),
    meta: {},
  },
} as const satisfies Record<string, Format>;

export type FormatName = keyof typeof formats;

/** The format a record says it is written in; undefined for a record that is not ours. */
export function formatOf(meta: Readonly<Record<string, string>>): Format | undefined {
  const name = meta['rollcall'] ?? '';
  return Object.hasOwn(formats, name) ? formats[name as FormatName] : undefined;
}

/** The fields of an instance that have a Meta key of their own name, in every format. */
export const ownKeys = ['version', 'zone', 'protocol'] as const;

/** Meta keys that metadata cannot have in a format, because they say something of their own there. */
export function reservedKeys(format: Format): ReadonlySet<string> {
  return new Set([...ownKeys, ...Object.keys(format.meta)]);
}
