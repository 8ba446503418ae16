import { execFile, execFileSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readlinkSync, symlinkSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const root = fileURLToPath(new URL('../../..', import.meta.url));
const workspaces = ['apps', 'libs', 'examples'].flatMap((folder) =>
  readdirSync(root + folder).map((name) => `${folder}/${name}`),
);

/**
 * This repository in a temporary directory: its sources with all uncommitted changes as the only commit, what has been
 * built, and the dependencies as links. Commands run in it change nothing here.
 */
export class RepositoryCopy {
  readonly directory = mkdtempSync(join(tmpdir(), 'rollcall-copy-'));

  constructor() {
    const list = ['ls-files', '-z', '--cached', '--others', '--exclude-standard'];
    const sources = execFileSync('git', list, { cwd: root, encoding: 'utf8' }).split('\0');
    for (const path of sources.filter((name) => name !== '' && existsSync(root + name))) this.#copy(path);
    for (const workspace of [...workspaces, 'tools', 'tests', 'bench']) {
      if (existsSync(`${root}${workspace}/dist`)) this.#copy(`${workspace}/dist`);
      this.#linkDependencies(`${workspace}/node_modules`);
    }
    this.#linkDependencies('node_modules');
    this.git('init', '--quiet');
    this.git('add', '--all');
    this.git(
      '-c',
      'user.name=test',
      '-c',
      'user.email=test@localhost',
      'commit',
      '--quiet',
      '--message',
      'copy',
    );
  }

  /** Runs a Node program of the copy. @throws {Error} with its output, if its exit code is not 0. */
  async run(program: string, ...args: string[]): Promise<string> {
    const running = promisify(execFile)(process.execPath, [join(this.directory, program), ...args], {
      cwd: this.directory,
      maxBuffer: 1 << 26,
    });
    const { stdout } = await running.catch((cause: Error & { stdout: string; stderr: string }) => {
      throw new Error(`${program} ${args.join(' ')}:\n${cause.stdout}${cause.stderr}`, { cause });
    });
    return stdout;
  }

  git(...args: string[]): string {
    return execFileSync('git', args, { cwd: this.directory, encoding: 'utf8' });
  }

  delete(): Promise<void> {
    return rm(this.directory, { recursive: true, force: true });
  }

  /** Keeps the times, by which the compiler sees that nothing has changed. */
  #copy(path: string): void {
    cpSync(root + path, join(this.directory, path), { recursive: true, preserveTimestamps: true });
  }

  /** Links every dependency; the links to workspaces are relative, so that copies of them lead into the copy. */
  #linkDependencies(folder: string): void {
    if (!existsSync(root + folder)) return;
    for (const name of readdirSync(root + folder)) {
      if (name === '@rollcall') continue;
      this.#link(`${folder}/${name}`, `${root}${folder}/${name}`);
    }
    const ours = `${folder}/@rollcall`;
    if (!existsSync(root + ours)) return;
    for (const name of readdirSync(root + ours))
      this.#link(`${ours}/${name}`, readlinkSync(`${root}${ours}/${name}`));
  }

  #link(path: string, target: string): void {
    mkdirSync(dirname(join(this.directory, path)), { recursive: true });
    symlinkSync(target, join(this.directory, path));
  }
}
