import type { AllowedDifferences, ConformanceHarness } from './harness.js';
import { Trial } from './trial.js';

/** Something that every backend does. */
export interface ConformanceCase {
  /** State and event, and what comes of it. */
  readonly name: string;
  /** Why it is not tried with `harness`; undefined when it is. */
  skipped(harness: ConformanceHarness): string | undefined;
  /** @throws when the backend does something else. */
  run(harness: ConformanceHarness): Promise<void>;
}

type Need = 'writeUnreadable' | 'deleteRecord' | 'overwriteRecord' | 'outage' | 'wipe' | 'resources';

interface CaseConditions {
  /** What the harness has to be able to do. */
  readonly needs?: readonly Need[];
  readonly unless?: Exclude<keyof AllowedDifferences, 'losesFields'>;
}

export function conformanceCase(
  name: string,
  { needs = [], unless }: CaseConditions,
  body: (trial: Trial) => Promise<void>,
): ConformanceCase {
  return {
    name,
    skipped(harness) {
      const can = (need: Need) => (need === 'wipe' ? harness.outage?.wipe : harness[need]) !== undefined;
      const missing = needs.find((need) => !can(need));
      if (missing) return `the harness has no ${missing}`;
      return unless && harness.allows?.[unless]?.because;
    },
    async run(harness) {
      const trial = new Trial(harness);
      try {
        await body(trial);
      } catch (error) {
        // What went wrong first is what matters.
        await trial.end().catch(() => {});
        throw error;
      }
      await trial.end();
    },
  };
}
