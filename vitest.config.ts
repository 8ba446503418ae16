import { defineConfig } from 'vitest/config';

const shared = {
  resolve: { conditions: ['source'] },
  ssr: { resolve: { conditions: ['source'] } },
  oxc: { decorator: { legacy: true, emitDecoratorMetadata: true } },
};

/**
 * One project after the other, so that what takes the whole machine has it: without a server, against real
 * registries, the whole system as real processes, and (only by `npm run test:compose`) as containers.
 */
export default defineConfig({
  test: {
    projects: [
      {
        ...shared,
        test: {
          name: 'unit',
          include: ['{libs,apps,tools}/**/src/**/*.spec.ts', 'tests/src/house/**/*.spec.ts'],
          sequence: { groupOrder: 0 },
        },
      },
      {
        ...shared,
        test: {
          name: 'registries',
          include: ['tests/src/registries/**/*.spec.ts'],
          globalSetup: 'tests/src/registries/ran-against.ts',
          testTimeout: 60_000,
          hookTimeout: 120_000,
          // They wait more than they work, as the faults do.
          maxWorkers: 3,
          sequence: { groupOrder: 1 },
        },
      },
      {
        ...shared,
        test: {
          name: 'faults',
          include: ['tests/src/faults/**/*.spec.ts'],
          testTimeout: 120_000,
          hookTimeout: 120_000,
          // They wait more than they work: for outages to last, and for times to live to be over.
          maxWorkers: 3,
          sequence: { groupOrder: 4 },
        },
      },
      {
        ...shared,
        test: {
          name: 'calls',
          include: ['tests/src/calls/**/*.spec.ts'],
          // Everything that is waited for has a deadline of its own; a hundred kills take a while.
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
          include: ['tests/src/system/**/*.spec.ts'],
          testTimeout: 120_000,
          hookTimeout: 120_000,
          fileParallelism: false,
          sequence: { groupOrder: 2 },
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
