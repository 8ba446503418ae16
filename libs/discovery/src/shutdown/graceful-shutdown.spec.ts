import { afterEach, describe, expect, it, vi } from 'vitest';
import { GracefulShutdown, maxShutdownMs, type ShutdownSteps } from './graceful-shutdown.js';

afterEach(() => {
  vi.useRealTimers();
  vi.restoreAllMocks();
});

/** Steps that record their names. */
function recorded(events: string[]): ShutdownSteps {
  return {
    markNotServing: (reason) => void events.push(`not serving: ${reason}`),
    deregister: async () => void events.push('deregistered'),
    async drain() {
      events.push('drained');
      return 'drained';
    },
  };
}

describe('a shutdown', () => {
  it('runs its steps in order, once, for everyone who asks', async () => {
    const events: string[] = [];
    const shutdown = new GracefulShutdown(recorded(events));
    expect(shutdown.started).toBe(false);
    const results = [shutdown.close('SIGTERM'), shutdown.close('again')];
    expect(shutdown.started).toBe(true);
    expect(await Promise.all(results)).toEqual(['drained', 'drained']);
    expect(events).toEqual(['not serving: SIGTERM', 'deregistered', 'drained']);
  });

  it('deregister() leaves the server serving, and close() goes on from there', async () => {
    const events: string[] = [];
    const shutdown = new GracefulShutdown(recorded(events));
    await shutdown.deregister('SIGTERM');
    expect(events).toEqual(['not serving: SIGTERM', 'deregistered']);
    await shutdown.close();
    expect(events).toEqual(['not serving: SIGTERM', 'deregistered', 'drained']);
  });

  it('deregistering that hangs does not hold it up', async () => {
    vi.useFakeTimers();
    const shutdown = new GracefulShutdown(
      {
        markNotServing() {},
        deregister: () => new Promise(() => {}),
        drain: (forceSignal) =>
          new Promise((resolve) => forceSignal.addEventListener('abort', () => resolve('forced'))),
      },
      { drainTimeoutMs: 10_000 },
    );
    const startedAt = Date.now();
    const result = shutdown.close('SIGTERM');
    await vi.runAllTimersAsync();
    expect(await result).toBe('forced');
    const hooksMs = maxShutdownMs(0) - 4_000;
    expect(Date.now() - startedAt).toBe(maxShutdownMs(10_000) - hooksMs);
  });

  it('stops listening after the delay', async () => {
    vi.useFakeTimers();
    const events: string[] = [];
    const result = new GracefulShutdown(recorded(events), { shutdownDelayMs: 30_000 }).close('SIGTERM');
    await vi.advanceTimersByTimeAsync(29_999);
    expect(events).toEqual(['not serving: SIGTERM', 'deregistered']);
    await vi.advanceTimersByTimeAsync(1);
    expect(await result).toBe('drained');
  });

  it('force() ends the delay', async () => {
    vi.useFakeTimers();
    const shutdown = new GracefulShutdown(recorded([]), { shutdownDelayMs: 30_000 });
    const result = shutdown.close('SIGTERM');
    shutdown.force();
    expect(await result).toBe('drained');
  });

  it('an error of a step is a warning, and the others follow', async () => {
    const warnings = vi.spyOn(process, 'emitWarning').mockImplementation(() => {});
    const events: string[] = [];
    const shutdown = new GracefulShutdown({
      markNotServing() {
        throw new Error('no health');
      },
      deregister() {
        throw new Error('no registry');
      },
      async drain() {
        events.push('drained');
        throw new Error('no server');
      },
    });
    expect(await shutdown.close()).toBe('forced');
    expect(events).toEqual(['drained']);
    expect(warnings.mock.calls.map(([warning]) => String(warning))).toEqual([
      'Error: no health',
      'Error: no registry',
      'Error: no server',
    ]);
  });

  it.each([{ drainTimeoutMs: -1 }, { shutdownDelayMs: Number.NaN }])('%j is rejected', (times) => {
    expect(() => new GracefulShutdown(recorded([]), times)).toThrow(/^INVALID_OPTION: invalid \w+/);
  });
});

it('the longest shutdown includes the longer of delay and deregistering', () => {
  expect(maxShutdownMs(10_000)).toBe(19_000);
  expect(maxShutdownMs(10_000, 2_000)).toBe(19_000);
  expect(maxShutdownMs(10_000, 30_000)).toBe(45_000);
});
