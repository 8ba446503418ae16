import { describeColumn } from './column.js';
import { EtcdArena } from './etcd-arena.js';
import { ownServer } from './own-server.js';

const location = await ownServer('etcd', 'current');

describeColumn('etcd', location && (() => EtcdArena.start(location)));
