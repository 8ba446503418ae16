import type { ChannelOptions } from '@grpc/grpc-js';
import { addressOf, type Instance } from '../../instance.js';
import {
  type Endpoint,
  SUBCHANNEL_ARGS_EXCLUDE_KEY_PREFIX,
  subchannelAddressToString,
} from '../experimental.js';

/** What a policy knows of an endpoint besides its address, for which an `Endpoint` of grpc-js has no room. */
export interface EndpointTraits {
  /** See {@link Instance.weight}. */
  readonly weight: number;
  readonly zone?: string;
  /** Another value means that another process listens at the address, or the same one came back. */
  readonly announcement: string;
}

/** By address, `host:port`. */
export type TraitsByAddress = ReadonlyMap<string, EndpointTraits>;

/**
 * A resolver hands things to policies as attributes. Those become arguments of every subchannel, and one that changes
 * makes every connection anew, unless its key begins with this prefix.
 */
const key = `${SUBCHANNEL_ARGS_EXCLUDE_KEY_PREFIX}.rollcall.traits`;

export function traitsOf(instances: readonly Instance[]): TraitsByAddress {
  return new Map(
    instances.map(({ id, host, port, weight, zone, registeredAt }) => [
      addressOf({ host, port }),
      { weight, ...(zone !== undefined && { zone }), announcement: `${id} ${registeredAt ?? ''}` },
    ]),
  );
}

/** Traits as the attributes of a list. */
export function attributesOf(traits: TraitsByAddress): Record<string, TraitsByAddress> {
  return { [key]: traits };
}

/** What the resolver told. Empty under a resolver that is not ours. */
export function traitsIn(options: ChannelOptions): TraitsByAddress {
  return (options[key] as TraitsByAddress | undefined) ?? new Map();
}

/** The key of an endpoint in {@link TraitsByAddress}. Ours have one address each. */
export function addressIn({ addresses: [address] }: Endpoint): string {
  return address ? subchannelAddressToString(address) : '';
}
