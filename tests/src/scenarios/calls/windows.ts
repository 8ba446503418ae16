import { expect } from 'vitest';
import type { Findings } from '../findings.js';
import type { CallRun } from './call-run.js';
import type { CallWindow } from './call-stats.js';
import type { ServiceInstance } from './instance.js';

/** Notes the longest gap during a fault, beside that of the windows without it. */
export function noteGap(
  findings: Findings,
  during: CallWindow,
  controls: readonly CallWindow[],
  boundMs = Infinity,
): void {
  findings.measured('gap', [during.gapMs], boundMs);
  findings.measured('without the fault', [Math.max(...controls.map(({ gapMs }) => gapMs))]);
}

/** Notes the rate during a fault as a share of that of the windows without it, `name`. */
export function noteRate(
  findings: Findings,
  name: string,
  during: CallWindow,
  controls: readonly CallWindow[],
  leastPercent = 95,
): void {
  const percent = (rateOf([during]) / rateOf(controls)) * 100;
  const below = percent < leastPercent ? `, **below ${leastPercent}**` : '';
  findings.note(`${percent.toFixed(0)} % of ${name}${below}`);
}

function rateOf(windows: readonly CallWindow[]): number {
  const sum = (of: (window: CallWindow) => number) => windows.reduce((all, window) => all + of(window), 0);
  return sum(({ calls, failed }) => calls - failed) / sum(({ durationMs }) => durationMs);
}

/** Each instance gets at least 90 % of an equal share of the calls. */
export function expectShares(
  run: CallRun,
  { responses }: CallWindow,
  instances: readonly ServiceInstance[],
): void {
  const counts = instances.map(({ id }) => responses[id] ?? 0);
  const all = Object.values(responses).reduce((sum, count) => sum + count, 0);
  const shares = counts.map((count) => (count / all) * instances.length);
  run.findings.note(`shares ${shares.map((share) => share.toFixed(2)).join(', ')}`);
  expect(Math.min(...shares)).toBeGreaterThanOrEqual(0.9);
}
