import { addressOf } from '../../model/instance.js';
import { type Fields, type EtcdFormat, isObject, parseAddress, parseObject, scalarsOf } from './format.js';
import { packOwn, unpackOwn } from './own.js';

/**
 * The naming format of gRPC's own etcd resolver (etcd `client/v3/naming/endpoints`), with Go's names of the fields.
 *
 * Our fields travel as text inside `Metadata`. An object would do for that resolver, too, but grpc-go compares what it
 * finds there with `==` and panics when it is a map (grpc/grpc-go#8225, etcd-io/etcd#19700). A reader takes both.
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

/** Null, a text, or someone else's object, of which is taken what bears the name of a field of ours and fits it. */
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
