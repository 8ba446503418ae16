import { clientSections } from './configuration/clients.js';
import { nestSections } from './configuration/nest.js';
import { registrySections } from './configuration/registries.js';
import type { ConfigurationSection } from './configuration/section.js';
import { serverSections } from './configuration/servers.js';
import { serviceKitSections } from './configuration/service-kit.js';

/** The sections of the page on configuration, in its order. */
export const configurationSections: readonly ConfigurationSection[] = [
  ...registrySections,
  ...serverSections,
  ...clientSections,
  ...nestSections,
  ...serviceKitSections,
];
