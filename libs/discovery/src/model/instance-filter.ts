import { DiscoveryError } from './errors.js';
import type { Instance } from './instance.js';

/** Which instances of a service one wants. What is not named does not matter. */
export interface InstanceFilter {
  /** All of these tags. */
  readonly tags?: readonly string[];
  readonly version?: string;
  /** Preferred: where no instance of this zone is left, those of all zones are taken. */
  readonly zone?: string;
  /** All of these entries. */
  readonly metadata?: Readonly<Record<string, string>>;
}

export function filterInstances(instances: readonly Instance[], filter: InstanceFilter): readonly Instance[] {
  const { tags = [], version, zone, metadata = {} } = filter;
  const wanted = Object.entries(metadata);
  if (tags.length === 0 && version === undefined && zone === undefined && wanted.length === 0)
    return instances;
  const fitting = instances.filter(
    (instance) =>
      tags.every((tag) => instance.tags.includes(tag)) &&
      (version === undefined || instance.version === version) &&
      wanted.every(
        ([key, value]) => Object.hasOwn(instance.metadata, key) && instance.metadata[key] === value,
      ),
  );
  if (zone === undefined) return fitting;
  const near = fitting.filter((instance) => instance.zone === zone);
  return near.length > 0 ? near : fitting;
}

/**
 * Reads a filter from a target's query: `tag=v2&tag=canary&version=1.4&zone=a&meta.owner=team`.
 * @throws {DiscoveryError} INVALID_TARGET for a parameter it does not know.
 */
export function parseInstanceFilter(query: string): InstanceFilter {
  const tags: string[] = [];
  const metadata: Record<string, string> = {};
  const single: { version?: string; zone?: string } = {};
  for (const [key, value] of new URLSearchParams(query)) {
    if (key === 'tag' && value !== '') tags.push(value);
    else if ((key === 'version' || key === 'zone') && value !== '' && single[key] === undefined)
      single[key] = value;
    else if (key.startsWith('meta.') && key.length > 5) metadata[key.slice(5)] = value;
    else {
      throw new DiscoveryError(
        'INVALID_TARGET',
        `invalid query parameter "${key}=${value}": use tag=, version=, zone= or meta.<key>=, each with a value, version and zone at most once`,
      );
    }
  }
  return { tags, metadata, ...single };
}
