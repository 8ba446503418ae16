import type { Endpoint } from '../experimental.js';
import { endpointAddress } from './endpoint-attributes.js';

/** By address. An endpoint whose attributes have changed is in both. */
export interface EndpointDiff {
  readonly removed: Map<string, Endpoint>;
  readonly added: Map<string, Endpoint>;
}

/**
 * Compares two lists by the identity of their endpoints. Their equal starts and ends are skipped, so that for a change in
 * one place the cost of all other endpoints is one comparison each.
 */
export function diffEndpoints(before: readonly Endpoint[], now: readonly Endpoint[]): EndpointDiff {
  const shorter = Math.min(before.length, now.length);
  let start = 0;
  while (start < shorter && before[start] === now[start]) start += 1;
  let end = 0;
  while (end < shorter - start && before[before.length - 1 - end] === now[now.length - 1 - end]) end += 1;
  const old = before.slice(start, before.length - end);
  const current = now.slice(start, now.length - end);
  return { removed: without(old, current), added: without(current, old) };
}

function without(endpoints: readonly Endpoint[], others: readonly Endpoint[]): Map<string, Endpoint> {
  const excluded = new Set(others);
  const rest = endpoints.filter((endpoint) => !excluded.has(endpoint));
  return new Map(rest.map((endpoint) => [endpointAddress(endpoint), endpoint]));
}
