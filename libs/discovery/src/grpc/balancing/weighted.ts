import type { PickerFactory } from './picker-factory.js';

/**
 * Smooth weighted round robin: with weights 3 and 1, `a a b a`, and not `a a a b`. For each call every candidate earns
 * its share, and the one that is owed most is chosen and pays a whole call. Shares and not weights, so that what one is
 * owed under old weights is never more than a call or so under new ones. The cost grows with the candidates: a thousand take
 * some microseconds a call.
 */
export function weighted(): PickerFactory {
  return (connected) => {
    const total = connected.reduce((sum, { attributes }) => sum + attributes.weight, 0);
    return () => {
      let [most] = connected;
      for (const candidate of connected) {
        candidate.credit += candidate.attributes.weight / total;
        if (candidate.credit > most.credit) most = candidate;
      }
      most.credit -= 1;
      return most;
    };
  };
}
