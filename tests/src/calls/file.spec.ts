import { FileArena } from '../faults/file-arena.js';
import { describeCalls } from './column.js';

describeCalls('file', () => FileArena.start());
