import type { PickerFactory } from './picker-factory.js';

/**
 * Of two drawn at random the one with fewer calls in flight (gRFC A48). The least of all would be better informed and
 * worse: every client sends its next call to the same idle instance at once.
 */
export function leastRequest(): PickerFactory {
  return (connected) => () => {
    const first = Math.floor(Math.random() * connected.length);
    const step = 1 + Math.floor(Math.random() * (connected.length - 1));
    const [one, other] = [connected[first]!, connected[(first + step) % connected.length]!];
    return other.inFlight < one.inFlight ? other : one;
  };
}
