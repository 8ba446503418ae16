import type { Spread } from './spread.js';

/** One after the other. As a policy of its own, grpc-js' `round_robin` does it. */
export function roundRobin(): Spread {
  let next = Math.floor(Math.random() * 65_536);
  return (connected) => () => connected[next++ % connected.length]!;
}
