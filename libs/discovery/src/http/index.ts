export { discoverHttp } from './discover-http.js';
export type { HttpOptions, HttpService } from './discover-http.js';
export type { PickPolicy } from './instance-picker.js';
