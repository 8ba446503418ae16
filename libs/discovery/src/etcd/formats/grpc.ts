import { addressOf } from '../../instance.js';
import { type Format, parseAddress, parseObject, scalarsOf } from './format.js';
import { packOwn, unpackOwn } from './own.js';

/**
 * The naming format of gRPC's own etcd resolver (etcd `client/v3/naming/endpoints`), with Go's names of the fields.
 *
 * Our fields travel as text inside `Metadata`. An object would do for that resolver, too, but grpc-go compares what it
 * finds there with `==` and panics when it is a map (grpc/grpc-go#8225, etcd-io/etcd#19700). A reader takes both.
 */
export const grpc: Format = {
  prefix: '',
  keyedBy: 'id',
  carriesOwn: true,
  encode: (instance) => JSON.stringify({ Op: 0, Addr: addressOf(instance), Metadata: packOwn(instance) }),
  decode(value) {
    const { Addr: address, Metadata: data } = parseObject(value);
    const foreign = { metadata: typeof data === 'string' ? { metadata: data } : scalarsOf(data) };
    return { ...(unpackOwn(data) ?? foreign), ...parseAddress(address) };
  },
};
