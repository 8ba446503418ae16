/**
 * Another user who wants `path` to be a directory of theirs: `node squatter-main.js <path> <own directory> <how>`.
 * `how`: a directory, a symbolic link to their own directory, or both in turns, as fast as possible.
 */
import { chmodSync, mkdirSync, rmSync, symlinkSync, unlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

export type Squat = 'directory' | 'symlink' | 'race';

const [path = '', ownDirectory = '', how] = process.argv.slice(2);

function plant(directory: string): void {
  const instance = { id: 'planted', service: 'inventory', host: '127.0.0.1', port: 6_666 };
  writeFileSync(join(directory, 'inventory.planted.json'), JSON.stringify({ instance }));
  chmodSync(join(directory, 'inventory.planted.json'), 0o666);
}

function attempt(operation: () => void): void {
  try {
    operation();
  } catch {
    // Somebody else was faster.
  }
}

function takeAsDirectory(): void {
  mkdirSync(path);
  chmodSync(path, 0o777);
  plant(path);
}

plant(ownDirectory);
if (how === 'directory') takeAsDirectory();
else if (how === 'symlink') symlinkSync(ownDirectory, path);
process.stdout.write('ready\n');
if (how === 'race') {
  for (const endAt = performance.now() + 3_000; performance.now() < endAt;) {
    attempt(() => symlinkSync(ownDirectory, path));
    attempt(() => unlinkSync(path));
    attempt(takeAsDirectory);
    attempt(() => rmSync(path, { recursive: true }));
  }
}
