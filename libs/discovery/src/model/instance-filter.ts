import { DiscoveryError } from './errors.js';
import type { Instance } from './instance.js';

/** Selects instances of a service. Fields that are left out match every instance. */
export interface InstanceFilter {
  /** An instance matches if it has all of these tags. */
  readonly tags?: readonly string[];
  /** An instance matches if it has exactly this version. */
  readonly version?: string;
  /** Preferred zone: if no instance of this zone matches, those of all zones do. */
  readonly zone?: string;
  /** An instance matches if it has all of these entries. */
  readonly metadata?: Readonly<Record<string, string>>;
}

export function filterInstances(instances: readonly Instance[], filter: InstanceFilter): readonly Instance[] {
  const { tags = [], version, zone, metadata = {} } = filter;
  const entries = Object.entries(metadata);
  if (tags.length === 0 && version === undefined && zone === undefined && entries.length === 0)
    return instances;
  const matching = instances.filter(
    (instance) =>
      tags.every((tag) => instance.tags.includes(tag)) &&
      (version === undefined || instance.version === version) &&
      entries.every(
        ([key, value]) => Object.hasOwn(instance.metadata, key) && instance.metadata[key] === value,
      ),
  );
  const inZone = zone === undefined ? [] : matching.filter((instance) => instance.zone === zone);
  return Object.freeze(inZone.length > 0 ? inZone : matching);
}

/** The query of a gRPC target, with its `?`; empty without a filter. {@link parseInstanceFilter} reads it. */
export function formatInstanceFilter({ tags = [], version, zone, metadata = {} }: InstanceFilter): string {
  const query = new URLSearchParams();
  for (const tag of tags) query.append('tag', tag);
  if (version !== undefined) query.set('version', version);
  if (zone !== undefined) query.set('zone', zone);
  for (const [key, value] of Object.entries(metadata)) query.set(`meta.${key}`, value);
  return query.size > 0 ? `?${query}` : '';
}

/**
 * Parses the query of a gRPC target: `tag=v2&tag=canary&version=1.4&zone=a&meta.owner=team`.
 * @throws {DiscoveryError} INVALID_TARGET.
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
