export { RegistrationHealthIndicator } from './registration-health.js';
export type {
  RegistrationHealth,
  RegistrationHealthOptions,
  RegistrationHealthResult,
} from './registration-health.js';
