export { consulBackend } from './backend.js';
export { consulFormats } from './formats.js';
export type { ConsulFormat, ConsulFormatName } from './formats.js';
export { consulFromUrl } from './from-url.js';
export type { ConsulCheck, ConsulOptions } from './options.js';
