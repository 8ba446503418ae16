// First, so that Node's error for a missing peer names the way out: "Cannot find package ... imported from .../npm-install/undici.js".
import './npm-install/undici.js';

export { discoverHttp } from './discover-http.js';
export type { DiscoveredHttpService, DiscoverHttpOptions } from './discover-http.js';
export type { HttpLoadBalancing } from './instance-picker.js';
export type { LoadBalancingPolicy, ZoneAwareBalancing } from '../calling/load-balancing.js';
export type { RetryBudgetOptions, RetryOptions } from '../calling/retry-budget.js';

// Also in `./http-server`, which needs no undici.
export { serveGracefully } from './serving/serve-gracefully.js';
export type { HttpServingOptions } from './serving/serve-gracefully.js';
export type { Deregisterable, ServingOptions } from '../shutdown/serving.js';
