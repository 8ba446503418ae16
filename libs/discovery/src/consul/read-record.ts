import { DiscoveryError } from '../model/errors.js';
import { instanceOfRecord, type Instance } from '../model/instance.js';
import { type ConsulFormat, formatOf, ownKeys, reservedKeys } from './formats.js';
import { unpackMetadata } from './metadata.js';
import type { ConsulNode, ConsulService } from './api-types.js';

/**
 * Reads a record in any format; a record of ours names its format.
 * @throws {DiscoveryError} INVALID_RECORD.
 */
export function readRecord(service: ConsulService, node: ConsulNode, configured: ConsulFormat): Instance {
  try {
    const fields = readOurs(service, configured) ?? readForeign(service, node);
    const present = Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined));
    // Validates every field, whatever its type says.
    return instanceOfRecord({ id: service.ID, service: service.Service, ...present } as Instance);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new DiscoveryError('INVALID_RECORD', reason, { cause: error });
  }
}

type Fields = { readonly [K in keyof Instance]?: Instance[K] | undefined };

function readOurs(
  { Address, Port, Tags, Meta, Weights }: ConsulService,
  configured: ConsulFormat,
): Fields | undefined {
  const meta = Meta ?? {};
  const format = formatOf(meta, configured);
  if (!format) return undefined;
  const own = pick(meta);
  const metadata = unpackMetadata(meta, reservedKeys(format));
  const tags = Tags ?? [];
  const registeredAt = meta['rollcall-registered-at'];
  return {
    ...own,
    host: Address,
    port: Port,
    weight: Weights?.Passing,
    tags: tags.slice(0, tags.length - format.tags({ ...own, metadata }).length),
    metadata,
    registeredAt: registeredAt === undefined ? undefined : Number(registeredAt),
  };
}

/** The endpoint in a record of kratos: `grpc://10.0.0.1:9000?isSecure=false`. */
const grpcEndpoint = /^grpc:\/\/(?:\[(?<v6>[^\]]+)\]|(?<host>[^:/?]+)):(?<port>\d+)/;

function readForeign(service: ConsulService, node: ConsulNode): Fields {
  const { version, zone, protocol, weight, gRPC_port, ...metadata } = service.Meta ?? {};
  const endpoint = grpcEndpoint.exec(service.TaggedAddresses?.['grpc']?.Address ?? '')?.groups;
  const versionTag = service.Tags?.find((tag) => tag.startsWith('version='))?.slice('version='.length);
  return {
    ...pick({ version: version ?? versionTag, zone, protocol: endpoint ? 'grpc' : protocol }),
    // Other systems allow any id; ours appear in logs and gRPC metadata.
    id: service.ID?.replaceAll(/[^\w.:@-]/g, '_').slice(0, 128),
    host: endpoint?.['v6'] ?? endpoint?.['host'] ?? (service.Address || node.Address),
    port: Number(endpoint?.['port'] ?? gRPC_port ?? service.Port),
    weight: readWeight(service.Weights?.Passing, weight),
    tags: (service.Tags ?? []).filter((tag) => tag !== ''),
    metadata,
  };
}

/** Consul's default weight is 1, so a weight of 1 may be unset. */
function readWeight(passing = 1, meta?: string): number {
  const weight = Number(meta);
  return passing === 1 && Number.isInteger(weight) && weight >= 1 && weight <= 65_535 ? weight : passing;
}

function pick(meta: Readonly<Record<string, string | undefined>>) {
  return Object.fromEntries(ownKeys.flatMap((key) => (meta[key] ? [[key, meta[key]]] : []))) as {
    [K in (typeof ownKeys)[number]]?: string;
  };
}
