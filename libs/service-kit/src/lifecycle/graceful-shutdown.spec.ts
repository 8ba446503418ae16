import { readFileSync } from 'node:fs';
import { afterEach, expect, it, vi } from 'vitest';
import { GracefulShutdown, maxShutdownMs } from './graceful-shutdown.js';

afterEach(() => vi.useRealTimers());

it('deregistering that hangs does not hold up the shutdown', async () => {
  vi.useFakeTimers();
  const shutdown = new GracefulShutdown(10_000, {
    markNotServing() {},
    deregister: () => new Promise(() => {}),
    shutdown: (forceSignal) =>
      new Promise((resolve) => forceSignal.addEventListener('abort', () => resolve('forced'))),
  });
  const startedAt = Date.now();
  const result = shutdown.run('SIGTERM');
  await vi.runAllTimersAsync();
  expect(await result).toBe('forced');
  const hooksMs = maxShutdownMs(0) - 4_000;
  expect(Date.now() - startedAt).toBe(maxShutdownMs(10_000) - hooksMs);
});

it('docker-compose.yml grants more time than the longest shutdown takes', () => {
  const compose = readFileSync(new URL('../../../../docker-compose.yml', import.meta.url), 'utf8');
  const setting = (pattern: RegExp) => Number(pattern.exec(compose)?.[1]);
  const drainTimeoutMs = setting(/DRAIN_TIMEOUT_MS: '(\d+)'/);
  const graceMs = 1_000 * setting(/stop_grace_period: (\d+)s/);
  expect(graceMs).toBeGreaterThan(maxShutdownMs(drainTimeoutMs));
});
