import type { Instance } from '../../model/instance.js';
import type { AllowedDifferences, ConformanceHarness } from './harness.js';
import { CaseRun } from './case-run.js';

/** One expectation of the contract. */
export interface ConformanceCase {
  /** State, event: expectation. */
  readonly name: string;
  /** Why the case does not apply to `harness`; undefined when it does. */
  skipped(harness: ConformanceHarness): string | undefined;
  /** @throws when the backend behaves otherwise. */
  run(harness: ConformanceHarness): Promise<void>;
}

type Need = 'writeUnreadable' | 'deleteRecord' | 'overwriteRecord' | 'outage' | 'wipe' | 'resources';

type Difference = Exclude<keyof AllowedDifferences, 'losesFields'>;

interface CaseConditions {
  /** What the harness must provide. */
  readonly needs?: readonly Need[];
  /** The field that records must hold. */
  readonly needsField?: keyof Instance;
  readonly unless?: Difference | readonly Difference[];
}

export function conformanceCase(
  name: string,
  { needs = [], needsField, unless = [] }: CaseConditions,
  body: (run: CaseRun) => Promise<void>,
): ConformanceCase {
  return {
    name,
    skipped(harness) {
      const can = (need: Need) => (need === 'wipe' ? harness.outage?.wipe : harness[need]) !== undefined;
      const missing = needs.find((need) => !can(need));
      if (missing) return `the harness has no ${missing}`;
      const { losesFields, ...differences } = harness.allows ?? {};
      if (needsField && losesFields?.fields.includes(needsField)) return losesFields.because;
      return [unless].flat().flatMap((difference) => differences[difference]?.because ?? [])[0];
    },
    async run(harness) {
      const run = new CaseRun(harness);
      try {
        await body(run);
      } catch (error) {
        // The first error is the one that matters.
        await run.end().catch(() => {});
        throw error;
      }
      await run.end();
    },
  };
}
