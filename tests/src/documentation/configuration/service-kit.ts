import type { ConfigurationSection } from './section.js';

export const serviceKitSections: readonly ConfigurationSection[] = [
  {
    title: 'Services of the service kit',
    tables: [
      {
        title: 'Environment variables',
        text: 'Each service of the shop reads these at its start. An empty variable counts as unset; an invalid one ends the start with a message that names it.',
        variables: 'libs/service-kit/src/config.ts',
      },
    ],
  },
];
