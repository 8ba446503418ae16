export { RegistrationHealthIndicator } from './registration-health.indicator.js';
export type {
  RegistrationHealth,
  RegistrationHealthOptions,
  RegistrationHealthResult,
} from './registration-health.indicator.js';
export { ServiceHealthIndicator } from './service-health.indicator.js';
export type { ServiceHealth, ServiceHealthOptions, ServiceHealthResult } from './service-health.indicator.js';
export { throwIfDown } from './health-result.js';
export type { HealthResult } from './health-result.js';
