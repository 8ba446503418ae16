import { ConsulArena } from '../faults/consul-arena.js';
import { ownServer } from '../faults/own-server.js';
import { describeCalls } from './column.js';

const location = await ownServer('consul', 'current');

describeCalls('consul', location && (() => ConsulArena.start(location)));
