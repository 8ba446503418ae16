import type { ChannelOptions } from '@grpc/grpc-js';
import { addressOf, type Instance } from '../../model/instance.js';
import {
  type Endpoint,
  SUBCHANNEL_ARGS_EXCLUDE_KEY_PREFIX,
  subchannelAddressToString,
} from '../experimental.js';

/** What policies need to know of an instance; an `Endpoint` of grpc-js carries addresses only. */
export interface EndpointAttributes {
  /** See {@link Instance.weight}. */
  readonly weight: number;
  readonly zone?: string;
  /** Changes when another process listens at the address, or the same one has registered again. */
  readonly incarnation: string;
}

/** By address, `host:port`. */
export type AttributesByAddress = ReadonlyMap<string, EndpointAttributes>;

/**
 * Resolver attributes become subchannel arguments, and a changed argument rebuilds every connection. grpc-js leaves out
 * keys with this prefix.
 */
const key = `${SUBCHANNEL_ARGS_EXCLUDE_KEY_PREFIX}.rollcall.endpoints`;

/** One endpoint for each instance: two instances at one address would get a double share. */
export function toEndpoints(instances: readonly Instance[]): Endpoint[] {
  return instances.map(({ host, port }) => ({ addresses: [{ host, port }] }));
}

export function toEndpointAttributes(instances: readonly Instance[]): AttributesByAddress {
  return new Map(
    instances.map(({ id, host, port, weight, zone, registeredAt }) => [
      addressOf({ host, port }),
      { weight, ...(zone !== undefined && { zone }), incarnation: `${id} ${registeredAt ?? ''}` },
    ]),
  );
}

export function toResolverAttributes(attributes: AttributesByAddress): Record<string, AttributesByAddress> {
  return { [key]: attributes };
}

/** Empty if the resolver is not ours. */
export function readEndpointAttributes(options: ChannelOptions): AttributesByAddress {
  return (options[key] as AttributesByAddress | undefined) ?? new Map();
}

/** The key of an endpoint in {@link AttributesByAddress}. */
export function endpointAddress({ addresses: [address] }: Endpoint): string {
  return address ? subchannelAddressToString(address) : '';
}
