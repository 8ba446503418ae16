export { etcdBackend } from './backend.js';
export { etcdFormats } from './formats/index.js';
export type { EtcdFormat, EtcdFormatName, Fields as EtcdFormatFields } from './formats/index.js';
export { etcdFromUrl } from './from-url.js';
export type { EtcdOptions } from './options.js';
