import { describeColumn } from './column.js';
import { ConsulArena } from './consul-arena.js';
import { ownServer } from './own-server.js';

const location = await ownServer('consul', 'current');

describeColumn('consul', location && (() => ConsulArena.start(location)));
