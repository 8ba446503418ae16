import type { PickerFactory } from './picker-factory.js';

/** One after the other. As a policy of its own, grpc-js' `round_robin` does it. */
export function roundRobin(): PickerFactory {
  let next = Math.floor(Math.random() * 65_536);
  return (connected) => () => connected[next++ % connected.length]!;
}
