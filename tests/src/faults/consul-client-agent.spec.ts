import { describeColumn } from './column.js';
import { ConsulArena } from './consul-arena.js';
import { ownServer } from './own-server.js';

// An agent beside its server, both on this machine: not as containers, which have no way to each other.
const location = await ownServer('consul', 'current', ['binary']);

describeColumn('consul client agent', location && (() => ConsulArena.startWithClient(location)));
