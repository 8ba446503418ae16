// An HTTP server that leaves without failing a request. Unlike `./http`, it needs no undici.
export { serveGracefully } from './serving/serve-gracefully.js';
export type { HttpServingOptions } from './serving/serve-gracefully.js';
export type { Deregisterable, ServingOptions } from '../shutdown/serving.js';
