export { RegistrationHealthIndicator } from './registration-health.indicator.js';
export type {
  RegistrationHealth,
  RegistrationHealthOptions,
  RegistrationHealthResult,
} from './registration-health.indicator.js';
