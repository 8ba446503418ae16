import { lstat, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { DiscoveryError } from '../model/errors.js';

const writableByOthers = 0o022;

/**
 * Checks a directory in a place where everybody can create one, such as `/tmp`: another user may have been there first. It must
 * be a directory and no link, of this user or root, and of this user alone if it is this user's. A directory whose parent is
 * protected may be shared on purpose.
 * @throws {DiscoveryError} REGISTRY_REFUSED; REGISTRY_UNAVAILABLE when there is none.
 */
export async function assertTrusted(directory: string): Promise<void> {
  const uid = process.getuid?.();
  if (uid === undefined) return;
  const parent = await statsOf(() => stat(dirname(directory)));
  if (!parent || (parent.mode & writableByOthers) === 0) return;
  const found = await statsOf(() => lstat(directory));
  // Removed since its caller saw or created it: another user may create it next.
  if (!found) throw new DiscoveryError('REGISTRY_UNAVAILABLE', `registry directory ${directory} was removed`);
  if (found.isSymbolicLink()) throw refused(directory, 'is a symbolic link');
  if (found.uid !== uid && found.uid !== 0)
    throw refused(directory, `belongs to another user (uid ${found.uid})`);
  if (found.uid === uid && (found.mode & writableByOthers) !== 0)
    throw refused(directory, 'is writable by other users');
}

function refused(directory: string, what: string): DiscoveryError {
  return new DiscoveryError(
    'REGISTRY_REFUSED',
    `registry directory ${directory} ${what}, who could add or change instances: remove it, or set another one, such as file:///run/rollcall`,
  );
}

async function statsOf<T>(read: () => Promise<T>): Promise<T | undefined> {
  try {
    return await read();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}
