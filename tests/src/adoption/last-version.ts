import { mkdir, symlink } from 'node:fs/promises';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { root } from '../repository/documents.js';
import { npm, run } from './npm.js';

/**
 * The last version as long as there is no tag `@rollcall/discovery@*`; its programs are those of the project `first-version`. The
 * first commit whose copies of the library can share a process with those of today (`version` in grpc/process-state.ts).
 */
const firstVersion = '19c135ae2c2deb401fcb225a19a2da7caa7873cb';

/**
 * Builds and packs the last version of `@rollcall/discovery`, from the newest such tag before this commit, else from the commit
 * above. Returns the path of the tarball. @throws {Error} unless {@link hasLastVersion}.
 */
export async function packLastVersion(directory: string): Promise<string> {
  const commit = await lastVersion();
  if (commit === undefined) throw new Error(`the history lacks ${firstVersion}`);
  const archive = join(directory, 'last.tar');
  await run(root, 'git', 'archive', '--output', archive, commit, 'tsconfig.base.json', 'libs/discovery');
  await mkdir(join(directory, 'last'));
  await run(directory, 'tar', '-xf', archive, '-C', 'last');
  await symlink(join(root, 'node_modules'), join(directory, 'last/node_modules'));
  const library = join(directory, 'last/libs/discovery');
  // Its specs may not compile with the dependencies of today; what matters is emitted all the same.
  await run(library, join(root, 'node_modules/.bin/tsc'), '--project', '.').catch((error: Error) => {
    if (!existsSync(join(library, 'dist/index.js'))) throw error;
  });
  const output = await npm(library, 'pack', '--json', '--ignore-scripts', '--pack-destination', directory);
  const [{ filename }] = JSON.parse(output) as [{ filename: string }];
  console.log(`the last version is that of ${commit}`);
  return join(directory, filename);
}

/** False, with a message on standard error, in a shallow clone. */
export async function hasLastVersion(): Promise<boolean> {
  if ((await lastVersion()) !== undefined) return true;
  process.stderr.write(`skipped, no earlier version: run git fetch --unshallow --tags\n`);
  return false;
}

async function lastVersion(): Promise<string | undefined> {
  const tags = ['describe', '--tags', '--abbrev=0', '--match', '@rollcall/discovery@*', 'HEAD^'];
  const described = await run(root, 'git', ...tags).catch(() => '');
  if (described !== '') return described.trim();
  return run(root, 'git', 'cat-file', '-t', firstVersion).then(
    () => firstVersion,
    () => undefined,
  );
}
