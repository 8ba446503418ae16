export { discoverHttp } from './discover-http.js';
export type { DiscoveredHttpService, DiscoverHttpOptions } from './discover-http.js';
export type { HttpLoadBalancing } from './instance-picker.js';
