// First, so that Node's error for a missing peer names the way out: "Cannot find package ... imported from .../npm-install/etcd3.js".
import './npm-install/etcd3.js';

export { etcdBackend, etcdFromUrl } from './etcd-backend.js';
export { etcdFormats } from './formats/index.js';
export type { EtcdFormat, EtcdFormatName, Fields as EtcdFormatFields } from './formats/index.js';
export type { EtcdOptions } from './options.js';
