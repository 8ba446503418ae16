import { expect, it } from 'vitest';
import { PickTarget, type PickTargets } from './pickers.js';
import { weighted } from './weighted.js';

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

it('the wait under very large weights is a call or two at most under small ones', () => {
  const ready = endpoints(65_535, 1);
  const createPicker = weighted();
  const pick = createPicker(ready);
  for (let i = 0; i < 32_768; i++) pick();
  for (const endpoint of ready) endpoint.weight = 1;
  const [a = 0] = countPicks(createPicker(ready), ready, 20);
  expect(Math.abs(a - 10)).toBeLessThanOrEqual(2);
});

it('the turns of an endpoint are at nearly equal distances', () => {
  const ready = endpoints(4, 2, 1, 1);
  const pick = weighted()(ready);
  const picked = Array.from({ length: 800 }, pick);
  for (const [at, gap] of [2, 4, 8, 8].entries()) {
    const turns = [...picked.keys()].filter((i) => picked[i] === ready[at]);
    const distances = turns.slice(1).map((turn, i) => turn - turns[i]!);
    expect(Math.max(...distances)).toBeLessThanOrEqual(gap + 3);
    expect(Math.min(...distances)).toBeGreaterThanOrEqual(Math.max(1, gap - 3));
  }
});

it('a thousand endpoints have the shares of their weights in every series, also when endpoints leave and return', () => {
  const ready = endpoints(...Array.from({ length: 1_000 }, (_, i) => 1 + (i % 7)));
  const createPicker = weighted();
  const sum = (targets: readonly PickTarget[]) => targets.reduce((total, { weight }) => total + weight, 0);
  for (const targets of [ready, ready.slice(500), ready, ready.toReversed()]) {
    const list = targets as unknown as PickTargets<PickTarget>;
    const picked = new Map<PickTarget, number>();
    const pick = createPicker(list);
    for (let i = 0; i < sum(targets); i++) {
      const target = pick();
      picked.set(target, (picked.get(target) ?? 0) + 1);
    }
    for (const target of targets)
      expect(Math.abs((picked.get(target) ?? 0) - target.weight)).toBeLessThanOrEqual(1);
  }
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
