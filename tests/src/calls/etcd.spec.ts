import { EtcdArena } from '../faults/etcd-arena.js';
import { ownServer } from '../faults/own-server.js';
import { describeCalls } from './column.js';

const location = await ownServer('etcd', 'current');

describeCalls('etcd', location && (() => EtcdArena.start(location)));
