export { consulBackend } from './backend.js';
export { consulFromUrl } from './from-url.js';
export type { ConsulCheck, ConsulOptions, ConsulTls } from './options.js';
