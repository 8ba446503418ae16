export { discoverHttp } from './discover-http.js';
export type { DiscoveredHttpService, DiscoverHttpOptions } from './discover-http.js';
export type { HttpLoadBalancing } from './instance-picker.js';
export type { LoadBalancingPolicy, ZoneAwareBalancing } from '../calling/load-balancing.js';
export type { RetryBudgetOptions, RetryOptions } from '../calling/retry-budget.js';
