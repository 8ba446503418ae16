import { expect, it } from 'vitest';
import { DiscoveryError } from '../model/errors.js';
import { nextState, type RegistrationEvent, type RegistrationState } from './registration-state.js';

const error = new DiscoveryError('REGISTRY_UNAVAILABLE', 'first');
const later = new DiscoveryError('REGISTRY_UNAVAILABLE', 'later');
const since = new Date(0);
const states: Record<RegistrationState['status'], RegistrationState> = {
  registering: { status: 'registering', since },
  registered: { status: 'registered', since },
  lost: { status: 'lost', since, lastError: error },
  paused: { status: 'paused', since },
  draining: { status: 'draining', since },
  closed: { status: 'closed', since },
};

/** `-`: the event changes nothing. */
const table: Record<RegistrationEvent['type'], Record<RegistrationState['status'], string>> = {
  starting: {
    registering: '-',
    registered: 'registering',
    lost: '-',
    paused: 'registering',
    draining: '-',
    closed: '-',
  },
  registered: {
    registering: 'registered',
    registered: '-',
    lost: 'registered',
    paused: '-',
    draining: '-',
    closed: '-',
  },
  failed: {
    registering: 'registering',
    registered: 'lost',
    lost: 'lost',
    paused: '-',
    draining: '-',
    closed: '-',
  },
  paused: {
    registering: 'paused',
    registered: 'paused',
    lost: 'paused',
    paused: '-',
    draining: '-',
    closed: '-',
  },
  closing: {
    registering: 'draining',
    registered: 'draining',
    lost: 'draining',
    paused: 'draining',
    draining: '-',
    closed: '-',
  },
  closed: {
    registering: 'closed',
    registered: 'closed',
    lost: 'closed',
    paused: 'closed',
    draining: 'closed',
    closed: '-',
  },
};

const rows = Object.entries(table).flatMap(([type, row]) =>
  Object.entries(row).map(([status, expected]) => [type, status, expected] as const),
);

it.each(rows)('%s while %s: %s', (type, status, expected) => {
  const before = states[status as RegistrationState['status']];
  const after = nextState(before, { type, error: later } as RegistrationEvent);
  expect(after === before ? '-' : after.status).toBe(expected);
  expect(after.since === since).toBe(after.status === before.status);
  expect('lastError' in after && after.lastError === later).toBe(type === 'failed' && after !== before);
});
