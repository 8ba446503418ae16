import type { Instance } from '../../model/instance.js';
import { type Endpoint, subchannelAddressToString } from '../experimental.js';

/** What policies need to know of an instance; an `Endpoint` of grpc-js carries addresses only. */
export interface EndpointAttributes extends Pick<
  Instance,
  'id' | 'service' | 'weight' | 'zone' | 'registeredAt'
> {
  /** Of the channel, for events. */
  readonly target?: string;
}

/**
 * Attributes travel on the endpoint itself. Resolver attributes would become subchannel arguments, and a changed argument
 * rebuilds every connection. The symbol is registered, because the resolver and the policy may come from two copies of this
 * library.
 */
const attributesKey = Symbol.for('@rollcall/discovery/endpoint-attributes');

interface DiscoveredEndpoint extends Endpoint {
  readonly [attributesKey]?: EndpointAttributes;
}

/**
 * One endpoint for each instance: two instances at one address would get a double share. Policies compare endpoints by
 * identity, so an endpoint is created once for each version of an instance: see `EndpointList`.
 */
export function toEndpoint(instance: Instance, target?: string): Endpoint {
  const { id, service, host, port, weight, zone, registeredAt } = instance;
  const attributes: EndpointAttributes = {
    id,
    service,
    weight,
    ...(target !== undefined && { target }),
    ...(zone !== undefined && { zone }),
    ...(registeredAt !== undefined && { registeredAt }),
  };
  const endpoint: DiscoveredEndpoint = { addresses: [{ host, port }], [attributesKey]: attributes };
  return endpoint;
}

/** Whether two instances have equal endpoints. */
export function haveSameEndpoint(a: Instance, b: Instance): boolean {
  return (
    a === b ||
    (a.id === b.id &&
      a.host === b.host &&
      a.port === b.port &&
      a.weight === b.weight &&
      a.zone === b.zone &&
      a.registeredAt === b.registeredAt)
  );
}

/** Of an endpoint from a resolver that is not ours, the defaults. */
export function endpointAttributes(endpoint: DiscoveredEndpoint): EndpointAttributes {
  return endpoint[attributesKey] ?? { id: '', service: '', weight: 1 };
}

/**
 * Whether another process listens at the address of two endpoints, or the same one has registered again: whether `after` is
 * another incarnation.
 */
export function isReplaced(before: Endpoint, after: Endpoint): boolean {
  const [a, b] = [endpointAttributes(before), endpointAttributes(after)];
  return a.id !== b.id || a.registeredAt !== b.registeredAt;
}

/** `host:port` of an endpoint. */
export function endpointAddress({ addresses: [address] }: Endpoint): string {
  return address ? subchannelAddressToString(address) : '';
}
