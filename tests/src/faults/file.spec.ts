import { describeColumn } from './column.js';
import { FileArena } from './file-arena.js';

describeColumn('file', () => FileArena.start());
