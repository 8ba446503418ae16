import { DiscoveryError } from '../model/errors.js';
import { instanceOfRecord, type Instance } from '../model/instance.js';
import { type ConsulFormat, formatOf, reservedKeys } from './formats.js';
import { unpackMetadata } from './metadata.js';
import type { ConsulNode, ConsulService } from './api-types.js';

/**
 * Reads a record in any format; a record of ours names its format.
 * @throws {DiscoveryError} INVALID_RECORD.
 */
export function readRecord(service: ConsulService, node: ConsulNode, configured: ConsulFormat): Instance {
  try {
    // Validates every field, whatever its type says.
    return instanceOfRecord((readOurs(service, configured) ?? readForeign(service, node)) as Instance);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new DiscoveryError('INVALID_RECORD', reason, { cause: error });
  }
}

type Fields = { readonly [K in keyof Instance]?: Instance[K] | undefined };

function readOurs(
  { ID, Service, Address, Port, Tags, Meta, Weights }: ConsulService,
  configured: ConsulFormat,
): Fields | undefined {
  const meta = Meta ?? {};
  const format = formatOf(meta, configured);
  if (!format) return undefined;
  const { version, zone, protocol } = readOwn(meta);
  const metadata = unpackMetadata(meta, reservedKeys(format));
  const tags = Tags ?? [];
  const appended = format.tags({ metadata, ...(version !== undefined && { version }) });
  const registeredAt = meta['rollcall-registered-at'];
  return {
    id: ID,
    service: Service,
    host: Address,
    port: Port,
    weight: Weights?.Passing,
    tags: tags.slice(0, tags.length - appended.length),
    metadata,
    version,
    zone,
    protocol,
    registeredAt: registeredAt === undefined ? undefined : Number(registeredAt),
  };
}

/** The endpoint in a record of kratos: `grpc://10.0.0.1:9000?isSecure=false`, with TLS `grpcs://10.0.0.1:9000`. */
const grpcEndpoint = /^(?<scheme>grpcs?):\/\/(?:\[(?<v6>[^\]]+)\]|(?<host>[^:/?]+)):(?<port>\d+)/;

function readForeign(service: ConsulService, node: ConsulNode): Fields {
  const { version, zone, protocol, weight, gRPC_port, ...metadata } = service.Meta ?? {};
  const { grpc, grpcs } = service.TaggedAddresses ?? {};
  const endpoint = grpcEndpoint.exec((grpc ?? grpcs)?.Address ?? '')?.groups;
  const versionTag = service.Tags?.find((tag) => tag.startsWith('version='))?.slice('version='.length);
  return {
    ...readOwn({ version: version ?? versionTag, zone, protocol: endpoint?.['scheme'] ?? protocol }),
    service: service.Service,
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

/** The fields with a Meta key of the same name. */
function readOwn({ version, zone, protocol }: Readonly<Record<string, string | undefined>>) {
  return { version: version || undefined, zone: zone || undefined, protocol: protocol || undefined };
}
