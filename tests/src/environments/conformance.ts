import { conformanceCases, type ConformanceHarness } from '@rollcall/discovery/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { RegistryEnvironment } from './environment.js';
import type { RegistrySuite } from './suites.js';

declare module 'vitest' {
  interface TaskMeta {
    /** The suite that a conformance case runs on: the reporter counts the cases of each. */
    conformance?: { readonly suite: string; readonly version: string };
  }
}

/** Runs the conformance suite of all backends on a real registry. */
export function describeConformance(
  suite: RegistrySuite,
  overrides: Pick<ConformanceHarness, 'timeoutMs'> = {},
): void {
  describe.skipIf(!suite.open)(`${suite.name}`, () => {
    let environment: RegistryEnvironment;
    beforeAll(async () => {
      if (suite.open) environment = await suite.open();
    });
    afterAll(() => environment?.close());

    for (const { name, run, skipped } of conformanceCases) {
      it(`${name}`, async ({ task, skip }) => {
        task.meta.conformance = { suite: suite.name, version: environment.version };
        const harness = { ...harnessOf(environment), ...overrides };
        const reason = skipped(harness);
        skip(reason !== undefined, reason);
        await expect(run(harness)).resolves.toBeUndefined();
      });
    }
  });
}

function harnessOf(environment: RegistryEnvironment): ConformanceHarness {
  const { operator } = environment;
  let wipe = false;
  return {
    open: () => environment.backend(),
    ...(environment.allows && { allows: environment.allows }),
    writeUnreadable: (service) => operator.writeUnreadable(service, 1),
    deleteRecord: (instance) => operator.deleteRecord(instance),
    overwriteRecord: (instance) => operator.overwrite(instance),
    outage: {
      begin: () => environment.kill(),
      wipe: () => void (wipe = true),
      async end() {
        await environment.start({ wipe });
        wipe = false;
      },
    },
    resources: () =>
      process.getActiveResourcesInfo().filter((resource) => /^(TCP|UDP|FSEvent)/.test(resource)).length,
  };
}
