export { etcdBackend } from './backend.js';
export { etcdFromUrl } from './from-url.js';
export type { FormatName as EtcdFormat } from './formats/index.js';
export type { EtcdOptions, EtcdTls } from './options.js';
