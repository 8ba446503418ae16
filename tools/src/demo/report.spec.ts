import { expect, it } from 'vitest';
import { renderReport, type DemoReport } from './report.js';

const report: DemoReport = {
  registry: 'file',
  seconds: 20,
  requests: 12_345,
  failed: 3,
  errors: { '503 UNAVAILABLE': 2, UND_ERR_SOCKET: 1 },
  latencyMs: { p50: 80.04, p99: 190.5, max: 1_412.3 },
  kills: [
    {
      service: 'inventory',
      instance: 'inventory-1-ab12',
      atMs: 5_003,
      gapMs: 12.3,
      lastCallMs: -0.4,
      replacementFirstCallMs: null,
    },
  ],
};

it('shows the totals, the reason of each failure, and a line for each kill', () => {
  expect(renderReport(report)).toBe(
    [
      '  requests   12,345 in 20 s, 617/s',
      '  failed     3',
      '             2 x 503 UNAVAILABLE',
      '             1 x UND_ERR_SOCKET',
      '  latency    p50 80.0 ms, p99 191 ms, max 1,412 ms',
      '',
      '  killed                at   longest gap   last call   first call of replacement',
      '  inventory-1-ab12   5.0 s       12.3 ms     -0.4 ms                        none',
    ].join('\n'),
  );
});

it('says when no instance was killed', () => {
  expect(renderReport({ ...report, kills: [] })).toContain('no instance was killed');
});
