import type { ChannelInterface, ChannelOptions } from '@grpc/grpc-js';
import { DiscoveryError } from '../../model/errors.js';
import { describeInvalid, invalidOption } from '../../model/invalid-option.js';
import type { Registry } from '../../registry.js';
import {
  type GrpcUri,
  registerResolver as registerGrpcResolver,
  type Resolver,
  type ResolverListener,
  splitHostPort,
  uriToString,
} from '../experimental.js';
import { registerOnce, processState } from '../process-state.js';
import { MembershipResolver } from './membership-resolver.js';
import { parseTarget } from './target.js';

export interface ResolverOptions {
  /**
   * Distinguishes registries of one scheme: `scheme://name/service`, such as `consul://eu/inventory` or, by the address of a
   * server, `srv://127.0.0.1:8600/inventory`. Default none: `scheme:///service`.
   */
  readonly name?: string;
}

/**
 * Makes `scheme:///service` a target for any channel of this process, of plain grpc-js and of Nest. Call it, or
 * {@link expectRegistry}, before the first channel is created: grpc-js takes an unknown scheme for a host name and asks DNS,
 * without an error.
 *
 * `name` distinguishes registries of one scheme: `scheme://name/service`. Several handles of the same registry (equal
 * {@link Registry.location}) may share a name: a channel uses the newest one, and another one when that is closed.
 * @returns a function that unregisters the registry. Channels that use it keep it unless the name has another handle.
 * @throws {DiscoveryError} INVALID_OPTION if an open registry at another location has that scheme and name, or for a name
 *   that cannot be part of a target.
 */
export function registerResolver(registry: Registry, { name = '' }: ResolverOptions = {}): () => void {
  assertName(name);
  const { scheme, location } = registry;
  const named = processState.registries.get(scheme) ?? new Map<string, Registry[]>();
  const open = openRegistries(scheme, name).filter((other) => other !== registry);
  const other = open.find((each) => each.location !== location);
  if (other) {
    throw new DiscoveryError(
      'INVALID_OPTION',
      `${scheme}://${name}/ is already registered for ${other.location}: use another name`,
    );
  }
  processState.registries.set(scheme, named);
  named.set(name, [...open, registry]);
  registerScheme(scheme);
  notifyResolvers();
  return () => {
    named.set(
      name,
      openRegistries(scheme, name).filter((each) => each !== registry),
    );
    notifyResolvers();
  };
}

/**
 * Makes `scheme:///service` a target before its registry is open: channels wait for {@link registerResolver}, their calls for
 * at most 10 s or their deadline. For programs that create channels while they start.
 * @throws {DiscoveryError} INVALID_OPTION for a name that cannot be part of a target.
 */
export function expectRegistry(scheme: string, { name = '' }: ResolverOptions = {}): void {
  assertName(name);
  processState.expected.add(targetPrefix(scheme, name));
  registerScheme(scheme);
}

function registerScheme(scheme: string): void {
  registerOnce(`${scheme}:`, () => registerGrpcResolver(scheme, RegistryResolver));
}

function notifyResolvers(): void {
  const listeners = [...processState.onRegistriesChanged];
  for (const listener of listeners) listener();
}

function targetPrefix(scheme: string, name: string): string {
  return `${scheme}://${name}/`;
}

function assertName(name: string): void {
  // Brackets are for IPv6.
  if (!/^[\w.:[\]-]*$/.test(name))
    throw invalidOption('name', name, 'use letters, digits, ".", "_" and "-", or host:port');
}

function openRegistries(scheme: string, name: string): Registry[] {
  return (processState.registries.get(scheme)?.get(name) ?? []).filter(({ closed }) => !closed);
}

/**
 * A target without a scheme is for DNS, as in grpc-js.
 * @throws {DiscoveryError} INVALID_TARGET if grpc-js does not know the scheme of `target` and asks DNS instead.
 */
export function assertResolved(channel: ChannelInterface, target: string): void {
  const actual = channel.getTarget();
  const scheme = target.slice(0, target.indexOf(':') + 1);
  const isAddress = scheme === '' || splitHostPort(target)?.port !== undefined;
  if (actual.startsWith(scheme) || isAddress) return;
  const advice = `grpc-js reads it as ${actual}, because no resolver is registered for "${scheme.slice(0, -1)}"; call registerResolver(registry) before the channel is created, and write the scheme in lower case`;
  throw new DiscoveryError('INVALID_TARGET', describeInvalid('target', target, advice));
}

class RegistryResolver extends MembershipResolver {
  constructor(uri: GrpcUri, listener: ResolverListener, options: ChannelOptions) {
    const target = parseTarget(uri);
    const find = (preferred?: Registry) => {
      const open = openRegistries(target.scheme, target.registry);
      return preferred && open.includes(preferred) ? preferred : open.at(-1);
    };
    const registry = find();
    if (!registry && !processState.expected.has(targetPrefix(target.scheme, target.registry))) {
      throw new DiscoveryError(
        'INVALID_TARGET',
        `no registry is registered for ${target.scheme}://${target.registry}/: call registerResolver(registry${target.registry && `, { name: '${target.registry}' }`})`,
      );
    }
    super(registry, target, listener, find, options, uriToString(uri));
  }

  static getDefaultAuthority(uri: GrpcUri): string {
    return parseTarget(uri).service;
  }
}

// grpc-js takes a class with a static method. This line fails to compile when that changes.
RegistryResolver satisfies { new (...args: never[]): Resolver; getDefaultAuthority(uri: GrpcUri): string };
