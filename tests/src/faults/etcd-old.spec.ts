import { describeColumn } from './column.js';
import { EtcdArena } from './etcd-arena.js';
import { ownServer } from './own-server.js';

const location = await ownServer('etcd', 'old');

describeColumn('etcd (old)', location && (() => EtcdArena.start(location)));
