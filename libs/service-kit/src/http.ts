// Apart from the rest, so that a gRPC service does not load an HTTP server to start.
export { runHttpService } from './http/run-http-service.js';
export type { HttpService } from './http/run-http-service.js';
