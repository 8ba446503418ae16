import type { ChannelInterface, ChannelOptions } from '@grpc/grpc-js';
import { DiscoveryError } from '../../model/errors.js';
import type { Registry } from '../../registry.js';
import {
  type GrpcUri,
  registerResolver as registerGrpcResolver,
  type Resolver,
  type ResolverListener,
} from '../experimental.js';
import { MembershipResolver } from './membership-resolver.js';
import { parseTarget } from './target.js';

/** By scheme, then by name. grpc-js keeps resolvers for the whole process, so this is kept for the process too. */
const registries = new Map<string, Map<string, Registry>>();

/**
 * Makes a registry known to grpc-js: from now on `scheme:///service` is a target for any channel of this process, with
 * plain grpc-js and with Nest alike. Call it before the first channel is made: grpc-js takes a scheme that it does not
 * know for a host name and asks DNS, without a word.
 *
 * `name` tells several registries of one scheme apart: `scheme://name/service`. A registry that is closed makes room.
 * @returns what takes the registry back. Channels that use it keep it.
 * @throws {DiscoveryError} INVALID_OPTION when another registry that is open holds that scheme and name.
 */
export function registerResolver(registry: Registry, { name = '' }: { name?: string } = {}): () => void {
  const { scheme } = registry;
  let named = registries.get(scheme);
  if (!named) {
    named = new Map();
    registries.set(scheme, named);
    registerGrpcResolver(scheme, RegistryResolver);
  }
  const other = named.get(name);
  if (other && other !== registry && !other.closed) {
    throw new DiscoveryError(
      'INVALID_OPTION',
      `${scheme}://${name}/ already means ${other.location}; give one of them a name of its own`,
    );
  }
  named.set(name, registry);
  return () => {
    if (registries.get(scheme)?.get(name) === registry) registries.get(scheme)?.delete(name);
  };
}

/**
 * @throws {DiscoveryError} INVALID_TARGET when grpc-js did not understand the scheme of `target` and asks DNS instead.
 */
export function assertDiscovered(channel: ChannelInterface, target: string): void {
  const actual = channel.getTarget();
  const scheme = target.slice(0, target.indexOf(':'));
  if (!actual.startsWith(`${scheme}:`)) {
    throw new DiscoveryError(
      'INVALID_TARGET',
      `grpc-js took ${target} for ${actual}: no resolver is registered for "${scheme}"; call connect(registry) before the channel is made, and write the scheme in lower case`,
    );
  }
}

class RegistryResolver extends MembershipResolver {
  constructor(uri: GrpcUri, listener: ResolverListener, _options: ChannelOptions) {
    const target = parseTarget(uri);
    const registry = registries.get(target.scheme)?.get(target.registry);
    if (!registry) {
      throw new DiscoveryError(
        'INVALID_TARGET',
        `no registry is connected as ${target.scheme}://${target.registry}/; call connect(registry${target.registry && `, { name: '${target.registry}' }`})`,
      );
    }
    super(registry, target, listener);
  }

  static getDefaultAuthority(uri: GrpcUri): string {
    return parseTarget(uri).service;
  }
}

// A class with a static method is what grpc-js takes; this line fails to compile when its shape changes.
RegistryResolver satisfies { new (...args: never[]): Resolver; getDefaultAuthority(uri: GrpcUri): string };
