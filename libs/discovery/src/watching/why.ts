import { addressOf, type Instance } from '../model/instance.js';
import { suspectedSince } from '../runtime/suspicions.js';
import type { ChangeLogEntry } from './change-log.js';
import type { MembershipSource, MembershipState } from './membership-state.js';
import type { Rejections } from './rejected-records.js';

/** Explains the list of a membership. Plain JSON, without secrets. */
export interface WhyReport {
  readonly service: string;
  readonly registry: string;
  readonly source: MembershipSource;
  /** When `source` last changed, in ISO 8601. */
  readonly since: string;
  /** Time since the registry last confirmed the list, in ms; for a snapshot, its age; null if it never did. */
  readonly ageMs: number | null;
  readonly revision: string | null;
  readonly lastError: { readonly code: string; readonly message: string } | null;
  /** Every instance that the registry listed or that is held back: whether it is in the list, and why. */
  readonly instances: readonly {
    readonly id: string;
    readonly address: string;
    readonly in: boolean;
    readonly reason: string;
    /** Since when clients of this process suspect it to be frozen, in ISO 8601: see `EndpointHealth`. Absent if none does. */
    readonly suspectedSince?: string;
  }[];
  readonly rejected: Rejections;
  readonly counters: { readonly sessions: number; readonly published: number; readonly held: number };
  /** The last 100. */
  readonly changes: readonly ChangeLogEntry[];
}

/** `reported` is what the registry listed last, as it is. */
export function describeInstances(
  reported: readonly Instance[],
  state: MembershipState,
): WhyReport['instances'] {
  const held = new Set(state.held);
  const listed = new Map(state.instances.map((instance) => [keyOf(instance), instance]));
  const rows = reported.map((instance) => {
    const address = addressOf(instance);
    const suspected = suspectedSince(instance.service, address);
    const row = {
      id: instance.id,
      address,
      ...(suspected && { suspectedSince: suspected.toISOString() }),
    };
    if (instance.draining) return { ...row, in: false, reason: 'draining' };
    const sameId = listed.get(keyOf(instance));
    if (sameId && addressOf(sameId) === row.address) {
      return { ...row, in: true, reason: 'listed by the registry' };
    }
    if (sameId) {
      return { ...row, in: false, reason: `replaced by a newer record of this id at ${addressOf(sameId)}` };
    }
    const sameAddress = state.instances.find(
      (other) => other.service === instance.service && addressOf(other) === row.address,
    );
    const reason = sameAddress
      ? `replaced by ${sameAddress.id}, a newer instance at this address`
      : 'not published yet';
    return { ...row, in: false, reason };
  });
  const missing = state.instances
    .filter(({ id }) => held.has(id))
    .map((instance) => ({
      id: instance.id,
      address: addressOf(instance),
      in: true,
      reason: 'held back: the registry no longer lists it',
    }));
  return [...rows, ...missing];
}

function keyOf({ service, id }: Instance): string {
  return `${service}/${id}`;
}
