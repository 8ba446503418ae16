import type { Attempt, AttemptEndpoint } from '../attempt.js';

/** How long after a loss an endpoint has to be alive, in ms: one that was killed at the same time is not. */
const settleMs = 50;

/** How long an attempt waits for an endpoint that has answered since, in ms; then one without calls will do. */
const proofMs = 150;

/** How long an attempt waits for its turn, in ms. */
const turnMs = 1_000;

/**
 * Sends calls whose connection was lost while they were in flight again. One of them may have crashed its instance, and nothing
 * tells which one. So an endpoint gets one of them at a time, and only if it has answered a call that was sent after the
 * loss: if its connection is lost again, it was that call, and the others have lost nothing.
 */
export class CrashIsolation {
  readonly #repickIn: (ms: number) => void;

  /** `repickIn` has the attempts that wait picked again, after some ms. */
  constructor(repickIn: (ms: number) => void) {
    this.#repickIn = repickIn;
  }

  /** Returns the endpoint that has no other such attempt; `any` after too long a wait; undefined: not yet. */
  pick<E extends AttemptEndpoint>(
    ready: readonly E[],
    attempt: Attempt,
    lostAt: number,
  ): E | 'any' | undefined {
    const now = performance.now();
    attempt.waitingSince ??= now;
    if (now >= attempt.waitingSince + turnMs) return 'any';
    const aliveSince = lostAt + settleMs;
    const idleWillDo = now >= Math.max(attempt.waitingSince + proofMs, aliveSince);
    const endpoint = ready.find(
      (candidate) =>
        !isTaken(candidate, now) &&
        (candidate.health.aliveAt > aliveSince || (idleWillDo && candidate.callsInFlight === 0)),
    );
    if (!endpoint) {
      this.#repickIn(10);
      return undefined;
    }
    endpoint.isolated = attempt;
    return endpoint;
  }

  ended(endpoint: AttemptEndpoint): void {
    endpoint.isolated = undefined;
    this.#repickIn(0);
  }
}

function isTaken(endpoint: AttemptEndpoint, now: number): boolean {
  const { isolated } = endpoint;
  if (!isolated) return false;
  // An attempt that was cancelled after its pick and before it was sent does not end.
  return isolated.endpoint === endpoint || now < (isolated.waitingSince ?? 0) + turnMs;
}
