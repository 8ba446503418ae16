import type { HealthTarget } from './healthy-picker.js';

/** How long after a loss an endpoint has to be alive, in ms: one that was killed at the same time is not. */
const settleMs = 50;

/** How long an attempt waits for an endpoint that has answered since, in ms; then one without calls will do. */
const proofMs = 150;

/** How long an attempt waits for its turn, in ms. */
const turnMs = 1_000;

/** An attempt that follows one whose connection was lost while it was in flight. */
export interface IsolatedAttempt {
  /** When the connection was lost; monotonic, in ms. */
  readonly lostAt: number;
  /** Since when it waits to be the only one; monotonic, in ms. */
  waitingSince: number | undefined;
  /** Where it was sent. */
  endpoint: object | undefined;
}

export interface IsolatingEndpoint extends HealthTarget {
  isolated: IsolatedAttempt | undefined;
}

/**
 * The endpoint for a call that is retried because its connection was lost while it was in flight. It may have crashed its
 * instance, or another call that was lost with it has; which one is unknown. So an endpoint gets one of them at a time,
 * and only if it has answered a call that was sent after the loss: if its connection is lost again, it was that call, and the
 * other calls have lost nothing.
 *
 * Returns `any` after too long a wait. Undefined: not yet; try again after some ms, and when an attempt has ended.
 */
export function isolatedEndpoint<E extends IsolatingEndpoint>(
  ready: readonly E[],
  attempt: IsolatedAttempt,
): E | 'any' | undefined {
  const now = performance.now();
  attempt.waitingSince ??= now;
  if (now >= attempt.waitingSince + turnMs) return 'any';
  const aliveSince = attempt.lostAt + settleMs;
  const idleWillDo = now >= Math.max(attempt.waitingSince + proofMs, aliveSince);
  const endpoint = ready.find(
    (candidate) =>
      !isTaken(candidate, now) &&
      (candidate.health.aliveAt > aliveSince || (idleWillDo && candidate.callsInFlight === 0)),
  );
  if (endpoint) endpoint.isolated = attempt;
  return endpoint;
}

function isTaken(endpoint: IsolatingEndpoint, now: number): boolean {
  const { isolated } = endpoint;
  if (!isolated) return false;
  // An attempt that was cancelled after its pick and before it was sent does not end.
  return isolated.endpoint === endpoint || now < (isolated.waitingSince ?? 0) + turnMs;
}
