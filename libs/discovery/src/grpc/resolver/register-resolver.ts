import type { ChannelInterface, ChannelOptions } from '@grpc/grpc-js';
import { DiscoveryError } from '../../model/errors.js';
import { describeInvalid } from '../../model/invalid-option.js';
import type { Registry } from '../../registry.js';
import {
  type GrpcUri,
  registerResolver as registerGrpcResolver,
  type Resolver,
  type ResolverListener,
} from '../experimental.js';
import { MembershipResolver } from './membership-resolver.js';
import { parseTarget } from './target.js';

/** By scheme, then by name; for the whole process, as the resolvers of grpc-js are. */
const registries = new Map<string, Map<string, Registry>>();

/**
 * Makes `scheme:///service` a target for any channel of this process, of plain grpc-js and of Nest. Call it before the
 * first channel is created: grpc-js takes an unknown scheme for a host name and asks DNS, without an error.
 *
 * `name` distinguishes registries of one scheme: `scheme://name/service`. A closed registry is replaced.
 * @returns a function that unregisters the registry. Channels that use it keep it.
 * @throws {DiscoveryError} INVALID_OPTION if another open registry has that scheme and name.
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
      `${scheme}://${name}/ is already registered for ${other.location}: use another name`,
    );
  }
  named.set(name, registry);
  return () => {
    if (registries.get(scheme)?.get(name) === registry) registries.get(scheme)?.delete(name);
  };
}

/** @throws {DiscoveryError} INVALID_TARGET if grpc-js does not know the scheme of `target` and asks DNS instead. */
export function assertResolved(channel: ChannelInterface, target: string): void {
  const actual = channel.getTarget();
  const scheme = target.slice(0, target.indexOf(':'));
  if (!actual.startsWith(`${scheme}:`)) {
    const advice = `grpc-js reads it as ${actual}, because no resolver is registered for "${scheme}"; call registerResolver(registry) before the channel is created, and write the scheme in lower case`;
    throw new DiscoveryError('INVALID_TARGET', describeInvalid('target', target, advice));
  }
}

class RegistryResolver extends MembershipResolver {
  constructor(uri: GrpcUri, listener: ResolverListener, _options: ChannelOptions) {
    const target = parseTarget(uri);
    const registry = registries.get(target.scheme)?.get(target.registry);
    if (!registry) {
      throw new DiscoveryError(
        'INVALID_TARGET',
        `no registry is registered for ${target.scheme}://${target.registry}/: call registerResolver(registry${target.registry && `, { name: '${target.registry}' }`})`,
      );
    }
    super(registry, target, listener);
  }

  static getDefaultAuthority(uri: GrpcUri): string {
    return parseTarget(uri).service;
  }
}

// grpc-js takes a class with a static method. This line fails to compile when that changes.
RegistryResolver satisfies { new (...args: never[]): Resolver; getDefaultAuthority(uri: GrpcUri): string };
