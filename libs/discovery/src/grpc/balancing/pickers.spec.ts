import { expect, it } from 'vitest';
import { EndpointState } from './endpoint-state.js';
import type { Connected } from './picker-factory.js';
import { weighted } from './weighted.js';

function candidates(...weights: [number, ...number[]]): Connected {
  return weights.map((weight) => candidate(weight)) as unknown as Connected;
}

function candidate(weight: number): EndpointState {
  return new EndpointState(undefined as never, { weight, incarnation: '' });
}

/** How often each is chosen. */
function choices(choose: () => EndpointState, among: Connected, calls: number): number[] {
  const chosen = Array.from({ length: calls }, choose);
  return among.map((one) => chosen.filter((other) => other === one).length);
}

it.each([
  [[3, 1], 4],
  [[1, 1, 1], 3],
  [[5, 1, 1], 7],
  [[65_535, 1], 65_536],
] as const)('weights %j are exact in every row of as many calls as they sum up to', (weights, sum) => {
  const connected = candidates(...(weights as unknown as [number]));
  const choose = weighted()(connected);
  for (let i = 0; i < 5; i++) {
    const counts = choices(choose, connected, sum);
    for (const [at, weight] of weights.entries())
      expect(Math.abs(counts[at]! - weight)).toBeLessThanOrEqual(1);
  }
});

it('what is owed under enormous weights is no more than a call or two under small ones', () => {
  const connected = candidates(65_535, 1);
  const spread = weighted();
  const choose = spread(connected);
  for (let i = 0; i < 32_768; i++) choose();
  for (const one of connected) one.attributes = { ...one.attributes, weight: 1 };
  const [a = 0] = choices(spread(connected), connected, 20);
  expect(Math.abs(a - 10)).toBeLessThanOrEqual(2);
});

it('clients that start together do not all begin with the same instance', () => {
  const first = new Set(
    Array.from({ length: 100 }, () => {
      const connected = candidates(1, 1);
      return connected.indexOf(weighted()(connected)());
    }),
  );
  expect(first).toEqual(new Set([0, 1]));
});
