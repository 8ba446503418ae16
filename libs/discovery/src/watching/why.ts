import type { DiscoveryError } from '../model/errors.js';
import { addressOf, type Instance } from '../model/instance.js';
import type { ChangeLogEntry } from './change-log.js';
import type { MembershipSource, MembershipState } from './membership-state.js';
import type { Rejections } from './rejected-records.js';

/** Why a membership is what it is: plain JSON, without secrets. */
export interface WhyReport {
  readonly service: string;
  readonly registry: string;
  readonly source: MembershipSource;
  /** ISO 8601: since when `source` is what it is. */
  readonly since: string;
  /** How long ago the registry last confirmed the list, to us or to who wrote the snapshot, in ms; null when never. */
  readonly ageMs: number | null;
  readonly revision: string | null;
  readonly lastError: { readonly code: string; readonly message: string } | null;
  /** Every instance that was told or is held: whether it is in the list, and why. */
  readonly instances: readonly {
    readonly id: string;
    readonly address: string;
    readonly in: boolean;
    readonly reason: string;
  }[];
  readonly rejected: Rejections;
  readonly counters: { readonly sessions: number; readonly published: number; readonly held: number };
  /** The last 100. */
  readonly changes: readonly ChangeLogEntry[];
}

export function describeInstances(told: readonly Instance[], state: MembershipState): WhyReport['instances'] {
  const held = new Set(state.held);
  const listed = new Map(state.instances.map((instance) => [keyOf(instance), instance]));
  const rows = told.map((instance) => {
    const row = { id: instance.id, address: addressOf(instance) };
    const inList = listed.get(keyOf(instance));
    if (instance.draining) return { ...row, in: false, reason: 'it drains' };
    if (inList && addressOf(inList) === row.address)
      return { ...row, in: true, reason: 'the registry names it' };
    if (inList) return { ...row, in: false, reason: `a newer record of this id says ${addressOf(inList)}` };
    const taken = state.instances.find(
      (other) => other.service === instance.service && addressOf(other) === row.address,
    );
    return {
      ...row,
      in: false,
      reason: taken ? `its address belongs to ${taken.id}, which is newer` : 'the list is about to change',
    };
  });
  const missing = state.instances
    .filter(({ id }) => held.has(id))
    .map((instance) => ({
      id: instance.id,
      address: addressOf(instance),
      in: true,
      reason: 'held: it went missing with most of the others',
    }));
  return [...rows, ...missing];
}

export function describeError(error: DiscoveryError | undefined): WhyReport['lastError'] {
  return error ? { code: error.code, message: error.message } : null;
}

function keyOf({ service, id }: Instance): string {
  return `${service}/${id}`;
}
