import { events } from '../events/event-source.js';
import { type InstanceDiff, isEmptyDiff } from '../model/instance-set.js';
import type { MembershipSource, MembershipState } from './membership-state.js';

/** What the events of a membership are about. */
interface Watched {
  readonly registry: string;
  readonly service: string;
}

export interface StateChange {
  readonly before: MembershipState;
  readonly state: MembershipState;
  readonly diff: InstanceDiff;
}

/** Emits what distinguishes two successive states of a membership. Costs nothing while nobody listens. */
export function emitStateChange(
  registry: string,
  service: string,
  { before, state, diff }: StateChange,
): void {
  const watched = { registry, service };
  if (events.session.hasListeners) emitSession(watched, before, state);
  if (events.list.hasListeners) emitList(watched, before.source, state, diff);
  if (events.held.hasListeners) emitHeld(watched, before.held, state.held);
}

export function emitSessionClosed(registry: string, service: string, state: MembershipState): void {
  if (events.session.hasListeners && isOpen(state))
    events.session.emit({ type: 'session', state: 'closed', of: 'watch', registry, service });
}

function isOpen({ source }: MembershipState): boolean {
  return source === 'live' || source === 'static';
}

function emitSession(watched: Watched, before: MembershipState, now: MembershipState): void {
  const event = { type: 'session', of: 'watch', ...watched } as const;
  if (isOpen(now)) {
    if (!isOpen(before)) events.session.emit({ ...event, state: 'opened' });
  } else if (now.lastError && now.lastError !== before.lastError) {
    events.session.emit({ ...event, state: isOpen(before) ? 'lost' : 'failed', error: now.lastError });
  }
}

function emitList(
  watched: Watched,
  previousSource: MembershipSource,
  { source, instances }: MembershipState,
  diff: InstanceDiff,
): void {
  if (isEmptyDiff(diff) && source === previousSource) return;
  events.list.emit({
    type: 'list',
    ...watched,
    source,
    previousSource,
    instances: instances.length,
    added: diff.joined.length,
    updated: diff.changed.length,
    removed: diff.left.length,
  });
}

function emitHeld(watched: Watched, before: readonly string[], now: readonly string[]): void {
  for (const [state, ids] of [
    ['held', without(now, before)],
    ['released', without(before, now)],
  ] as const)
    if (ids.length > 0) events.held.emit({ type: 'held', state, ...watched, ids });
}

function without(ids: readonly string[], others: readonly string[]): readonly string[] {
  if (ids.length === 0) return ids;
  const excluded = new Set(others);
  return ids.filter((id) => !excluded.has(id));
}
