import { readFileSync } from 'node:fs';
import { maxShutdownMs } from '@rollcall/discovery';
import { expect, it } from 'vitest';

it('docker-compose.yml grants more time than the longest shutdown takes', () => {
  const compose = readFileSync(new URL('../../../../docker-compose.yml', import.meta.url), 'utf8');
  const setting = (pattern: RegExp) => Number(pattern.exec(compose)?.[1]);
  const drainTimeoutMs = setting(/DRAIN_TIMEOUT_MS: '(\d+)'/);
  const graceMs = 1_000 * setting(/stop_grace_period: (\d+)s/);
  expect(graceMs).toBeGreaterThan(maxShutdownMs(drainTimeoutMs));
});
