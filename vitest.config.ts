import { defineConfig } from 'vitest/config';

const shared = {
  resolve: { conditions: ['source'] },
  ssr: { resolve: { conditions: ['source'] } },
  oxc: { decorator: { legacy: true, emitDecoratorMetadata: true } },
};

/** Three projects: without a server, against real registries, and the whole system as real processes. */
export default defineConfig({
  test: {
    projects: [
      { ...shared, test: { name: 'unit', include: ['{libs,apps,tools}/**/src/**/*.spec.ts'] } },
      {
        ...shared,
        test: {
          name: 'registries',
          include: ['tests/src/registries/**/*.spec.ts'],
          testTimeout: 60_000,
          hookTimeout: 120_000,
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
        },
      },
    ],
  },
});
