import { isIPv6 } from 'node:net';
import { DiscoveryError } from '../errors.js';
import { addressOf, defineInstance, type Instance, maxRecordBytes } from '../instance.js';

/**
 * gRPC's own naming format (etcd `client/v3/naming/endpoints`): key `<service>/<id>`, value
 * `{"Op":0,"Addr":"10.0.0.1:50051","Metadata":...}`. What that format has no field for travels in `Metadata`.
 */
export function encodeRecord(instance: Instance): string {
  const { host, port, ...described } = instance;
  const inKey = { service: undefined, id: undefined };
  return JSON.stringify({ Op: 0, Addr: addressOf({ host, port }), Metadata: { ...described, ...inKey } });
}

/** Key of an instance below the registry's prefix. */
export function keyOf({ service, id }: Pick<Instance, 'service' | 'id'>): string {
  return `${service}/${id}`;
}

/** Service and id of a key below the registry's prefix; undefined for a key that is not of this kind. */
export function parseKey(key: string): { service: string; id: string } | undefined {
  const slash = key.indexOf('/');
  if (slash <= 0 || slash === key.length - 1) return undefined;
  // Other writers put any text behind the service.
  return { service: key.slice(0, slash), id: key.slice(slash + 1).replaceAll('/', ':') };
}

/**
 * Reads what we or any grpc-go program has written: `Metadata` may be missing, null, a text or somebody else's object.
 * @throws {DiscoveryError} INVALID_RECORD.
 */
export function decodeRecord(key: { service: string; id: string }, value: Buffer): Instance {
  try {
    if (value.length > 2 * maxRecordBytes)
      throw new Error(`${value.length} bytes are more than a record may have`);
    const { Addr, Metadata } = JSON.parse(value.toString()) as { Addr?: unknown; Metadata?: unknown };
    if (typeof Addr !== 'string') throw new Error(`Addr ${JSON.stringify(Addr)} is no text`);
    const ours =
      typeof Metadata === 'object' && Metadata !== null && !Array.isArray(Metadata) ? Metadata : {};
    return defineInstance({ ...known(ours as Record<string, unknown>), ...key, ...parseAddress(Addr) });
  } catch (error) {
    throw DiscoveryError.from(error, 'INVALID_RECORD', `${key.service}/${key.id}`);
  }
}

/** The fields that are ours and of the right kind; somebody else's are left alone. */
function known(metadata: Record<string, unknown>): Partial<Instance> {
  const { weight, tags, metadata: inner, protocol, version, zone, registeredAt, draining } = metadata;
  const text = (value: unknown) => typeof value === 'string' && value !== '';
  return {
    ...(typeof weight === 'number' && { weight }),
    ...(Array.isArray(tags) && tags.every(text) && { tags: tags as string[] }),
    ...(typeof inner === 'object' &&
      inner !== null &&
      Object.values(inner).every((value) => typeof value === 'string') && {
        metadata: inner as Record<string, string>,
      }),
    ...(text(protocol) && { protocol: protocol as string }),
    ...(text(version) && { version: version as string }),
    ...(text(zone) && { zone: zone as string }),
    ...(typeof registeredAt === 'number' && { registeredAt }),
    ...(draining === true && { draining }),
  };
}

function parseAddress(address: string): { host: string; port: number } {
  const { v6, name, port } =
    /^(?:\[(?<v6>[^\]]+)\]|(?<name>[^:]+)):(?<port>\d{1,5})$/.exec(address)?.groups ?? {};
  if (port === undefined || (v6 !== undefined && !isIPv6(v6)))
    throw new Error(`Addr ${JSON.stringify(address)} is not host:port`);
  return { host: v6 ?? name ?? '', port: Number(port) };
}
