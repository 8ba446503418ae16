import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { EndpointHealth } from './endpoint-health.js';

const pingTimeoutMs = 5_000;
const overdueMs = 100;

beforeEach(() => {
  vi.useFakeTimers({
    toFake: ['setTimeout', 'clearTimeout', 'setImmediate', 'clearImmediate', 'performance'],
  });
});
afterEach(() => {
  vi.useRealTimers();
});

/** An endpoint whose connection counts pings; `answer` is the peer's response to the last one. */
function connected({ canPing = true } = {}) {
  const changes: boolean[] = [];
  const connection = { pings: 0, abandoned: 0, answer: () => {} };
  const health: EndpointHealth = new EndpointHealth(pingTimeoutMs, () =>
    changes.push(health.suspectedAt !== undefined),
  );
  health.connected({
    ...(canPing && {
      ping(onAnswer: () => void) {
        connection.pings += 1;
        connection.answer = onAnswer;
        return true;
      },
    }),
    abandon: () => (connection.abandoned += 1),
  });
  vi.advanceTimersByTime(10);
  return { health, connection, changes };
}

const pass = (ms: number) => vi.advanceTimersByTime(ms + 1);

describe('an endpoint with an overdue call', () => {
  it('is pinged once, suspected when it does not respond, and given up after the timeout of the ping', () => {
    const { health, connection, changes } = connected();
    for (let i = 0; i < 3; i++) health.doubt(overdueMs, false);
    expect(connection.pings).toBe(1);
    expect(changes).toEqual([]);
    pass(overdueMs);
    expect(changes).toEqual([true]);
    pass(pingTimeoutMs - overdueMs - 10);
    expect(connection.abandoned).toBe(0);
    pass(20);
    expect(connection.abandoned).toBe(1);
  });

  it('is not suspected when it responds to the ping in time', () => {
    const { health, connection, changes } = connected();
    health.doubt(overdueMs, false);
    connection.answer();
    pass(pingTimeoutMs);
    expect(changes).toEqual([]);
    expect(connection.abandoned).toBe(0);
  });

  it('is cleared when it responds late', () => {
    const { health, connection, changes } = connected();
    health.doubt(overdueMs, false);
    pass(2_000);
    connection.answer();
    expect(changes).toEqual([true, false]);
    pass(pingTimeoutMs);
    expect(connection.abandoned).toBe(0);
  });

  it('is cleared when a call is answered', () => {
    const { health, changes } = connected();
    health.doubt(overdueMs, false);
    pass(overdueMs);
    health.responded(performance.now());
    expect(changes).toEqual([true, false]);
  });

  it('is not pinged again before a call was answered', () => {
    const { health, connection } = connected();
    health.doubt(overdueMs, false);
    connection.answer();
    pass(1_000);
    health.doubt(overdueMs, false);
    expect(connection.pings).toBe(1);
    health.responded(performance.now());
    health.doubt(overdueMs, false);
    expect(connection.pings).toBe(2);
  });

  it('that cannot be pinged is suspected when another one has answered the call, and given up after a second such call', () => {
    const { health, connection, changes } = connected({ canPing: false });
    health.doubt(overdueMs, false);
    expect(changes).toEqual([]);
    health.doubt(overdueMs, true);
    expect(changes).toEqual([true]);
    pass(pingTimeoutMs);
    expect(connection.abandoned).toBe(0);
    health.doubt(overdueMs, true);
    pass(pingTimeoutMs);
    expect(connection.abandoned).toBe(1);
  });
});

it('a suspected endpoint is tried once a second, unless a ping is on its way', () => {
  const pinged = connected();
  pinged.health.doubt(overdueMs, false);
  pass(2_000);
  expect(pinged.health.shouldTry()).toBe(false);

  const { health } = connected({ canPing: false });
  health.doubt(overdueMs, true);
  expect(health.shouldTry()).toBe(false);
  pass(1_000);
  expect(health.shouldTry()).toBe(true);
  expect(health.shouldTry()).toBe(false);
  pass(1_000);
  expect(health.shouldTry()).toBe(true);
});
