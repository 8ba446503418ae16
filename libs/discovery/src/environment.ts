import { statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { isAbsolute, join } from 'node:path';

/**
 * The directory of the default registry, one for each user of a machine: in `XDG_RUNTIME_DIR` if that belongs to this user, as
 * the XDG specification demands, else in the temporary folder.
 */
export function defaultRegistryDirectory(env: NodeJS.ProcessEnv = process.env): string {
  const { XDG_RUNTIME_DIR: runtimeDirectory = '' } = env;
  if (isAbsolute(runtimeDirectory) && isPrivate(runtimeDirectory)) return join(runtimeDirectory, 'rollcall');
  return join(tmpdir(), `rollcall-${process.getuid?.() ?? 'user'}`);
}

function isPrivate(directory: string): boolean {
  try {
    const stats = statSync(directory);
    return stats.isDirectory() && stats.uid === process.getuid?.() && (stats.mode & 0o077) === 0;
  } catch {
    return false;
  }
}
