import type { ChannelOptions } from '@grpc/grpc-js';
import { addressOf, type Instance } from '../../model/instance.js';
import {
  type Endpoint,
  SUBCHANNEL_ARGS_EXCLUDE_KEY_PREFIX,
  subchannelAddressToString,
} from '../experimental.js';

/** What a policy knows of an endpoint besides its address, for which an `Endpoint` of grpc-js has no room. */
export interface EndpointAttributes {
  /** See {@link Instance.weight}. */
  readonly weight: number;
  readonly zone?: string;
  /** Another value means that another process listens at the address, or the same one came back. */
  readonly incarnation: string;
}

/** By address, `host:port`. */
export type AttributesByAddress = ReadonlyMap<string, EndpointAttributes>;

/**
 * A resolver hands things to policies as attributes. Those become arguments of every subchannel, and one that changes
 * makes every connection anew, unless its key begins with this prefix.
 */
const key = `${SUBCHANNEL_ARGS_EXCLUDE_KEY_PREFIX}.rollcall.traits`;

export function endpointAttributes(instances: readonly Instance[]): AttributesByAddress {
  return new Map(
    instances.map(({ id, host, port, weight, zone, registeredAt }) => [
      addressOf({ host, port }),
      { weight, ...(zone !== undefined && { zone }), incarnation: `${id} ${registeredAt ?? ''}` },
    ]),
  );
}

/** Traits as the attributes of a list. */
export function toResolverAttributes(traits: AttributesByAddress): Record<string, AttributesByAddress> {
  return { [key]: traits };
}

/** What the resolver told. Empty under a resolver that is not ours. */
export function readEndpointAttributes(options: ChannelOptions): AttributesByAddress {
  return (options[key] as AttributesByAddress | undefined) ?? new Map();
}

/** The key of an endpoint in {@link AttributesByAddress}. Ours have one address each. */
export function endpointAddress({ addresses: [address] }: Endpoint): string {
  return address ? subchannelAddressToString(address) : '';
}
