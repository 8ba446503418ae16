import { defineConfig } from 'vitest/config';

const shared = {
  resolve: { conditions: ['@rollcall/source'] },
  ssr: { resolve: { conditions: ['@rollcall/source'] } },
  oxc: { decorator: { legacy: true, emitDecoratorMetadata: true } },
};

/**
 * The projects run one after the other, since some take the whole machine: tests without a server, against real registries,
 * of the whole system as processes and as containers, with programs of other systems, and scenarios that break registries while
 * instances and calls go on.
 */
export default defineConfig({
  test: {
    tags: [{ name: 'long', description: 'Scenarios that take 10 s or more.' }],
    projects: [
      {
        ...shared,
        test: {
          name: 'unit',
          include: [
            '{libs,apps,tools}/**/src/**/*.spec.ts',
            'tests/src/{repository,documentation}/**/*.spec.ts',
          ],
          sequence: { groupOrder: 0 },
        },
      },
      {
        ...shared,
        test: {
          name: 'registries',
          include: ['tests/src/registries/**/*.spec.ts'],
          globalSetup: 'tests/src/registries/print-registries.ts',
          testTimeout: 60_000,
          hookTimeout: 120_000,
          // They wait more than they compute, as the registry scenarios do.
          maxWorkers: 3,
          sequence: { groupOrder: 1 },
        },
      },
      {
        ...shared,
        test: {
          name: 'surroundings',
          include: ['tests/src/surroundings/**/*.spec.ts'],
          testTimeout: 30_000,
          hookTimeout: 60_000,
          maxWorkers: 3,
          sequence: { groupOrder: 1 },
        },
      },
      {
        ...shared,
        test: {
          name: 'registry-scenarios',
          include: ['tests/src/scenarios/registries/**/*.spec.ts'],
          testTimeout: 120_000,
          hookTimeout: 120_000,
          // They wait more than they compute: for outages and TTLs to end.
          maxWorkers: 3,
          sequence: { groupOrder: 4 },
        },
      },
      {
        ...shared,
        test: {
          name: 'call-scenarios',
          include: ['tests/src/scenarios/calls/**/*.spec.ts'],
          // A hundred kills take a while; every wait has a deadline of its own.
          testTimeout: 600_000,
          hookTimeout: 120_000,
          fileParallelism: false,
          sequence: { groupOrder: 5 },
        },
      },
      {
        ...shared,
        test: {
          name: 'system',
          include: ['tests/src/{system,kubernetes}/**/*.spec.ts'],
          testTimeout: 120_000,
          hookTimeout: 120_000,
          fileParallelism: false,
          sequence: { groupOrder: 2 },
        },
      },
      {
        ...shared,
        test: {
          name: 'adoption',
          include: ['tests/src/adoption/*.spec.ts'],
          globalSetup: 'tests/src/adoption/pack-libraries.ts',
          testTimeout: 240_000,
          hookTimeout: 300_000,
          // They wait for installations, and for instances to be seen.
          maxWorkers: 3,
          sequence: { groupOrder: 6 },
        },
      },
      {
        ...shared,
        test: {
          name: 'interop',
          include: ['tests/src/interop/*.spec.ts'],
          testTimeout: 60_000,
          // The first one builds a program in Go.
          hookTimeout: 300_000,
          // They wait more than they compute, once the programs are built.
          maxWorkers: 3,
          sequence: { groupOrder: 7 },
        },
      },
      {
        ...shared,
        test: {
          name: 'compose',
          include: ['tests/src/compose/**/*.spec.ts'],
          testTimeout: 180_000,
          hookTimeout: 600_000,
          fileParallelism: false,
          sequence: { groupOrder: 3 },
        },
      },
    ],
  },
});
