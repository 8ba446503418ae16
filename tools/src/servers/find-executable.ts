import { accessSync, constants, statSync } from 'node:fs';
import { join } from 'node:path';

/** `program` itself if it is a path, else the first one in `folders`; undefined if there is none that can be executed. */
export function findExecutable(program: string, folders: readonly string[]): string | undefined {
  const paths = program.includes('/') ? [program] : folders.map((folder) => join(folder, program));
  return paths.find(isExecutable);
}

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return statSync(file).isFile();
  } catch {
    return false;
  }
}
