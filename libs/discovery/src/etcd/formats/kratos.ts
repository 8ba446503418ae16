import { addressOf, type Instance } from '../../model/instance.js';
import {
  type EtcdFormat,
  ownKey,
  packOwn,
  parseAddress,
  parseObject,
  scalarsOf,
  unpackOwn,
} from './format.js';

const endpointShape = /^(?<protocol>[a-z0-9+.-]+):\/\/(?<address>[^/?]+)/i;

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
      endpoints: [`${schemeOf(instance)}://${addressOf(instance)}?isSecure=false`],
    }),
  decode(value) {
    const { version, metadata, endpoints } = parseObject(value);
    const { protocol, address } = endpointOf(endpoints);
    const { [ownKey]: own, weight, ...rest } = scalarsOf(metadata);
    const foreign = { protocol, version: version || undefined, weight: Number(weight) || 1, metadata: rest };
    return Object.assign(unpackOwn(own) ?? foreign, parseAddress(address));
  },
};

/** The protocol, as far as the scheme of a URL can hold it (RFC 3986, 3.1). */
function schemeOf({ protocol = 'grpc' }: Instance): string {
  return protocol.replaceAll(/[^a-z0-9+.-]/gi, '-');
}

/** The first endpoint of gRPC (with TLS `grpcs`), else the first. */
function endpointOf(endpoints: unknown): { readonly protocol?: string; readonly address?: string } {
  const all = Array.isArray(endpoints) ? endpoints : [];
  const parts = all.map((endpoint) => endpointShape.exec(String(endpoint))?.groups ?? {});
  return parts.find((part) => /^grpcs?$/.test(part['protocol'] ?? '')) ?? parts[0] ?? {};
}
