// First, so that Node's error for a missing peer names the way out: "Cannot find package ... imported from .../npm-install/consul.js".
import './npm-install/consul.js';

export { consulBackend, consulFromUrl } from './consul-backend.js';
export { consulFormats } from './formats.js';
export type { ConsulFormat, ConsulFormatName } from './formats.js';
export type { ConsulCheck, ConsulOptions } from './options.js';
