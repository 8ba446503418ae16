import { describeColumn } from './column.js';
import { ConsulArena } from './consul-arena.js';
import { ownServer } from './own-server.js';

const location = await ownServer('consul', 'old');

describeColumn('consul (old)', location && (() => ConsulArena.start(location)));
