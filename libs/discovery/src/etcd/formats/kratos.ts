import { addressOf } from '../../model/instance.js';
import {
  type EtcdFormat,
  ownKey,
  packOwn,
  parseAddress,
  parseObject,
  scalarsOf,
  unpackOwn,
} from './format.js';

const endpointShape = /^(?<protocol>[a-z][a-z0-9+.-]*):\/\/(?<address>[^/?]+)/;

/** go-kratos `contrib/registry/etcd`. Its selectors read the weight from the metadata. */
export const kratos: EtcdFormat = {
  prefix: '/microservices/',
  keyedBy: 'id',
  carriesOwn: true,
  encode: (instance) =>
    JSON.stringify({
      id: instance.id,
      name: instance.service,
      version: instance.version ?? '',
      metadata: { weight: String(instance.weight), ...instance.metadata, [ownKey]: packOwn(instance) },
      endpoints: [`${instance.protocol ?? 'grpc'}://${addressOf(instance)}?isSecure=false`],
    }),
  decode(value) {
    const { version, metadata, endpoints } = parseObject(value);
    const { protocol, address } = endpointOf(endpoints);
    const { [ownKey]: own, weight, ...rest } = scalarsOf(metadata);
    const foreign = { protocol, version: version || undefined, weight: Number(weight) || 1, metadata: rest };
    return Object.assign(unpackOwn(own) ?? foreign, parseAddress(address));
  },
};

/** The first gRPC endpoint, else the first. */
function endpointOf(endpoints: unknown): { readonly protocol?: string; readonly address?: string } {
  const all = Array.isArray(endpoints) ? endpoints : [];
  const parts = all.map((endpoint) => endpointShape.exec(String(endpoint))?.groups ?? {});
  return parts.find((part) => part['protocol'] === 'grpc') ?? parts[0] ?? {};
}
