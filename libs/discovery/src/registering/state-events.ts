import { events } from '../events/event-source.js';
import type { Instance } from '../model/instance.js';
import type { RegistrationState } from './registration-state.js';

/** Emits what distinguishes two successive states of a registration. Costs nothing while nobody listens. */
export function emitStateChange(
  registry: string,
  { service, id }: Instance,
  before: RegistrationState,
  state: RegistrationState,
): void {
  const error = 'lastError' in state && state.lastError ? { error: state.lastError } : {};
  const about = { registry, service, instance: id, ...error };
  if (events.registration.hasListeners) {
    const { status } = state;
    events.registration.emit({ type: 'registration', status, previousStatus: before.status, ...about });
  }
  const session = events.session.hasListeners && sessionState(before, state);
  if (session) events.session.emit({ type: 'session', state: session, of: 'registration', ...about });
}

/** What has happened to the session that keeps the record; undefined if nothing. */
function sessionState(
  { status: before }: RegistrationState,
  state: RegistrationState,
): 'opened' | 'failed' | 'lost' | 'closed' | undefined {
  if (state.status === 'registered') return 'opened';
  if (state.status === 'lost') return before === 'registered' ? 'lost' : 'failed';
  if (state.status === 'registering' && state.lastError) return 'failed';
  return before === 'registered' ? 'closed' : undefined;
}
