import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { inject } from 'vitest';
import { npm, run } from './npm.js';

const templates = fileURLToPath(new URL('projects/', import.meta.url));

interface Manifest {
  dependencies?: Record<string, string>;
  devDependencies?: Record<string, string>;
  jest?: object;
}

/** A project outside of the workspace, made of one or more folders of `projects/`, which installs the packed libraries. */
export class StrangerProject {
  readonly directory: string;

  private constructor(directory: string) {
    this.directory = directory;
  }

  /** Later folders replace the files of earlier ones. `versions` replaces those of the package.json. */
  static async create(
    folders: readonly string[],
    versions: Readonly<Record<string, string>> = {},
  ): Promise<StrangerProject> {
    const directory = await mkdtemp(join(tmpdir(), `rollcall-${folders.at(-1)!.replaceAll('/', '-')}-`));
    for (const folder of folders) await cp(join(templates, folder), directory, { recursive: true });
    const project = new StrangerProject(directory);
    await project.#install({ ...inject('tarballs'), ...versions });
    return project;
  }

  async #install(versions: Readonly<Record<string, string>>): Promise<void> {
    await this.#editManifest(({ dependencies, devDependencies }) => {
      for (const group of [dependencies, devDependencies]) {
        for (const name of Object.keys(group ?? {})) group![name] = versions[name] ?? group![name]!;
      }
    });
    await npm(this.directory, 'install', '--prefer-offline', '--no-audit', '--no-fund', '--loglevel=error');
  }

  async #editManifest(edit: (manifest: Manifest) => void): Promise<void> {
    const manifest = JSON.parse(await readFile(this.path('package.json'), 'utf8')) as Manifest;
    edit(manifest);
    await writeFile(this.path('package.json'), JSON.stringify(manifest));
  }

  /** Adds to the configuration of Jest in the package.json. */
  configureJest(settings: object): Promise<void> {
    return this.#editManifest((manifest) => Object.assign(manifest.jest!, settings));
  }

  path(file: string): string {
    return join(this.directory, file);
  }

  /** Runs a program of a dependency, such as `tsc`. @throws {Error} with its output when it fails. */
  bin(name: string, ...args: readonly string[]): Promise<string> {
    return run(this.directory, this.path(`node_modules/.bin/${name}`), ...args);
  }

  /** Runs a file of the project with Node. @throws {Error} with its output when it fails. */
  node(...args: readonly string[]): Promise<string> {
    return run(this.directory, process.execPath, ...args);
  }

  remove(): Promise<void> {
    return rm(this.directory, { recursive: true, force: true });
  }
}
