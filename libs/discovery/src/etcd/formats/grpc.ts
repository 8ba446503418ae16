import { addressOf } from '../../model/instance.js';
import {
  type EtcdFormat,
  type Fields,
  isObject,
  packOwn,
  parseAddress,
  parseObject,
  scalarsOf,
  unpackOwn,
} from './format.js';

/**
 * The format of gRPC's own etcd resolver (etcd `client/v3/naming/endpoints`), with Go's field names.
 *
 * `Metadata` holds our fields as text: grpc-go compares it with `==` and panics when it is a map (grpc/grpc-go#8225,
 * etcd-io/etcd#19700). Readers accept both.
 */
export const grpc: EtcdFormat = {
  prefix: '',
  keyedBy: 'id',
  carriesOwn: true,
  encode: (instance) => JSON.stringify({ Op: 0, Addr: addressOf(instance), Metadata: packOwn(instance) }),
  decode(value) {
    const { Addr: address, Metadata: data } = parseObject(value);
    return Object.assign(unpackOwn(data) ?? readForeign(data), parseAddress(address));
  },
};

/** `data` is null, text or an object of another system; from an object, fields with our names and types are read. */
function readForeign(data: unknown): Fields {
  if (typeof data === 'string') return { metadata: { metadata: data } };
  const { metadata, version, zone, protocol, weight, tags, ...rest } = isObject(data) ? data : {};
  return {
    ...texts({ version, zone, protocol }),
    ...(Number.isInteger(weight) && { weight }),
    ...(Array.isArray(tags) && tags.every(isText) && { tags }),
    metadata: { ...scalarsOf(rest), ...scalarsOf(metadata) },
  };
}

function texts(fields: Readonly<Record<string, unknown>>): Fields {
  return Object.fromEntries(Object.entries(fields).filter(([, field]) => isText(field)));
}

function isText(field: unknown): boolean {
  return typeof field === 'string' && field !== '';
}
