import { DiscoveryError } from '../model/errors.js';
import { describeInvalid } from '../model/invalid-option.js';
import { isDnsName } from './options.js';

/**
 * The DNS names of a service.
 * @throws {DiscoveryError} INVALID_INSTANCE for a service that DNS cannot have a name for.
 */
export function dnsNamesOf(service: string, templates: readonly string[]): readonly string[] {
  const names = service.includes('.')
    ? [service]
    : templates.map((template) => template.replaceAll('{service}', service));
  const invalid = names.find((name) => !isDnsName(name));
  if (invalid === undefined) return names;
  const advice = `"${invalid}" is no DNS name: use letters, digits, "-" and "_", at most 63 between dots`;
  throw new DiscoveryError('INVALID_INSTANCE', describeInvalid('service', service, advice));
}
