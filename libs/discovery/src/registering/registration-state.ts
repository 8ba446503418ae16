import type { DiscoveryError } from '../model/errors.js';

/**
 * - `registering`: not in the registry yet; retried without end.
 * - `registered`: in the registry, and kept there.
 * - `lost`: was in the registry and may no longer be; registered again, without end.
 * - `paused`: taken out of rotation by `Registration.pause`.
 * - `draining`: being removed, after `Registration.close`.
 * - `closed`: removed, or abandoned because the registry did not answer in time.
 */
export type RegistrationState = { readonly since: Date } & (
  | { readonly status: 'registering'; readonly lastError?: DiscoveryError }
  | { readonly status: 'registered' }
  | { readonly status: 'lost'; readonly lastError: DiscoveryError }
  | { readonly status: 'paused' }
  | { readonly status: 'draining' }
  | { readonly status: 'closed' }
);

/**
 * - `starting`: a session begins that will register the instance.
 * - `registered`: others can see the record.
 * - `failed`: the session has ended with an error.
 * - `paused`: the instance is out of rotation.
 * - `closing` and `closed`: the removal begins, and has ended.
 */
export type RegistrationEvent =
  | { readonly type: 'starting' | 'registered' | 'paused' | 'closing' | 'closed' }
  | { readonly type: 'failed'; readonly error: DiscoveryError };

/** The state after `event`; the same object if the event changes nothing. */
export function nextState(state: RegistrationState, event: RegistrationEvent): RegistrationState {
  const { status } = state;
  const enter = <Status extends RegistrationState['status']>(next: Status) =>
    status === next ? state : ({ status: next, since: new Date() } as RegistrationState);
  if (event.type === 'closed') return enter('closed');
  if (status === 'draining' || status === 'closed') return state;
  switch (event.type) {
    case 'closing':
      return enter('draining');
    case 'paused':
      return enter('paused');
    case 'starting':
      return status === 'lost' ? state : enter('registering');
    case 'registered':
      return status === 'paused' ? state : enter('registered');
    case 'failed':
      if (status === 'paused') return state;
      if (status === 'registered') return { status: 'lost', since: new Date(), lastError: event.error };
      return { ...state, lastError: event.error };
  }
}
