import { DiscoveryError } from '../../model/errors.js';
import {
  formatInstanceFilter,
  type InstanceFilter,
  parseInstanceFilter,
} from '../../model/instance-filter.js';
import { assertWatchableName } from '../../model/instance.js';
import { describeInvalid } from '../../model/invalid-option.js';
import type { Registry } from '../../registry.js';

/** A parsed gRPC target, `scheme://registry/service?filter`. */
export interface Target {
  readonly scheme: string;
  /** The name given to `registerResolver`; empty by default. */
  readonly registry: string;
  readonly service: string;
  readonly filter: InstanceFilter;
}

/** The URI that grpc-js passes to a resolver; `path` has no leading slash. */
export interface TargetUri {
  readonly scheme?: string;
  readonly authority?: string;
  readonly path: string;
}

export interface TargetOptions {
  /** The name that the registry was given in `registerResolver`. */
  readonly name?: string;
  /** Which instances to call. Default: all. */
  readonly filter?: InstanceFilter;
}

const authorityAdvice = 'register the service under a DNS label, or watch it and call its addresses';

/**
 * The service name becomes the `:authority` of every call: with a slash, a question mark, a space or a last label of digits
 * every call would fail.
 */
function isAuthority(service: string): boolean {
  return /^[\w-]+(?:\.[\w-]+)*$/.test(service) && !/(?:^|\.)(?:\d+|0x[0-9a-f]*)$/i.test(service);
}

/** @throws {DiscoveryError} INVALID_TARGET. */
export function parseTarget({ scheme, authority, path }: TargetUri): Target {
  const [service = '', query = ''] = splitOnce(path, '?');
  try {
    assertWatchableName(service);
    if (!isAuthority(service))
      throw new Error(`"${service}" cannot be the :authority of calls; ${authorityAdvice}`);
    return { scheme: scheme ?? '', registry: authority ?? '', service, filter: parseInstanceFilter(query) };
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    const target = `${scheme ?? ''}://${authority ?? ''}/${path}`;
    const message = describeInvalid('target', target, `use scheme:///service?filter (${reason})`);
    throw new DiscoveryError('INVALID_TARGET', message, { cause: error });
  }
}

/**
 * The target of a service in a registry, `scheme://name/service?filter`.
 * @throws {DiscoveryError} INVALID_TARGET.
 * @example
 * targetOf(registry, 'inventory', { filter: { tags: ['v2'], zone: 'eu' } }) // consul:///inventory?tag=v2&zone=eu
 */
export function targetOf(
  registry: Pick<Registry, 'scheme'>,
  service: string,
  { name = '', filter = {} }: TargetOptions = {},
): string {
  const path = service + formatInstanceFilter(filter);
  parseTarget({ scheme: registry.scheme, authority: name, path });
  return `${registry.scheme}://${name}/${path}`;
}

function splitOnce(text: string, separator: string): [string, string] {
  const at = text.indexOf(separator);
  return at < 0 ? [text, ''] : [text.slice(0, at), text.slice(at + 1)];
}
