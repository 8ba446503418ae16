import { announceCases } from './conformance/announce-cases.js';
import type { ConformanceCase } from './conformance/conformance-case.js';
import { observeCases } from './conformance/observe-cases.js';
import { outageCases } from './conformance/outage-cases.js';

export type { ConformanceCase } from './conformance/conformance-case.js';
export type { AllowedDifferences, ConformanceHarness, Outage } from './conformance/harness.js';

/**
 * The contract of `Backend` as test cases, for any test runner:
 * @example
 * const harness: ConformanceHarness = { open: () => myBackend({ address }), outage: { begin: kill, end: start } };
 * describe.each(conformanceCases)('my backend', (each) => {
 *   it.skipIf(each.skipped(harness))(each.name, () => each.run(harness), 60_000);
 * });
 */
export const conformanceCases: readonly ConformanceCase[] = [
  ...announceCases,
  ...observeCases,
  ...outageCases,
];
