import { expect, it } from 'vitest';
import { PickTarget, type PickTargets, weighted } from './pickers.js';

function endpoints(...weights: readonly number[]): PickTargets<PickTarget> {
  const states = weights.map((weight) => new PickTarget({ weight }));
  return states as unknown as PickTargets<PickTarget>;
}

/** How often each endpoint is picked. */
function countPicks(pick: () => PickTarget, ready: PickTargets<PickTarget>, calls: number): number[] {
  const picked = Array.from({ length: calls }, pick);
  return ready.map((endpoint) => picked.filter((other) => other === endpoint).length);
}

it.each([
  [[3, 1], 4],
  [[1, 1, 1], 3],
  [[5, 1, 1], 7],
  [[65_535, 1], 65_536],
] as const)('weights %j are exact in every series of %i calls', (weights, sum) => {
  const ready = endpoints(...weights);
  const pick = weighted()(ready);
  for (let i = 0; i < 5; i++) {
    const counts = countPicks(pick, ready, sum);
    for (const [at, weight] of weights.entries())
      expect(Math.abs(counts[at]! - weight)).toBeLessThanOrEqual(1);
  }
});

it('credit from very large weights is a call or two at most under small ones', () => {
  const ready = endpoints(65_535, 1);
  const createPicker = weighted();
  const pick = createPicker(ready);
  for (let i = 0; i < 32_768; i++) pick();
  for (const endpoint of ready) endpoint.weight = 1;
  const [a = 0] = countPicks(createPicker(ready), ready, 20);
  expect(Math.abs(a - 10)).toBeLessThanOrEqual(2);
});

it('clients that start together do not all begin with the same endpoint', () => {
  const first = new Set(
    Array.from({ length: 100 }, () => {
      const ready = endpoints(1, 1);
      return ready.indexOf(weighted()(ready)());
    }),
  );
  expect(first).toEqual(new Set([0, 1]));
});
