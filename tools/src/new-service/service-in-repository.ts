import { spawnSync } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { repositoryRoot } from '../repository-root.js';
import { services as shopServices } from '../system/app-process.js';
import { UsageError } from '../usage-error.js';
import { type Manifest, manifests, templateApp } from './manifests.js';
import { type ServiceNames, serviceNames } from './service-names.js';
import { sourceFiles } from './source-files.js';

const inRoot = (path: string) => join(repositoryRoot, path);

/**
 * Writes the proto, contract, app and test of a service, and adds it to the manifests. Leaves nothing when it fails.
 * Returns the paths of the new folders and files.
 * @throws {UsageError} for a name that is invalid or taken.
 */
export function addService(name: string): readonly string[] {
  const names = serviceNames(name);
  const paths = ownPaths(names);
  const taken = [...paths, `node_modules/@rollcall/${name}`].find((path) => existsSync(inRoot(path)));
  if (taken !== undefined) throw new UsageError(`the name "${name}" is taken: ${taken} exists`);
  if (composeServices().includes(name)) {
    throw new UsageError(`the name "${name}" is taken: docker-compose.yml has a service of that name`);
  }
  try {
    for (const [path, text] of Object.entries({ ...sourceFiles(names), ...projectFiles(names) })) {
      mkdirSync(dirname(inRoot(path)), { recursive: true });
      writeFileSync(inRoot(path), text);
    }
    // The width of a line depends on the name.
    run('node_modules/prettier/bin/prettier.cjs', '--write', '--log-level', 'warn', ...paths.slice(1));
    generateContracts();
    edit((manifest, text) => manifest.add(text, name));
    return paths;
  } catch (error) {
    remove(names);
    throw error;
  }
}

/**
 * Deletes what {@link addService} has written, with all changes made since.
 * @throws {UsageError} for a service that does not exist, that the shop is made of, or that others still call.
 */
export function removeService(name: string): readonly string[] {
  const names = serviceNames(name);
  if (!existsSync(inRoot(`apps/${name}`))) {
    throw new UsageError(
      `there is no service "${name}": apps/ has ${readdirSync(inRoot('apps')).join(', ')}`,
    );
  }
  if (name === 'aggregator' || shopServices.some((service) => service === name)) {
    throw new UsageError(`"${name}" is part of the shop; remove it by hand`);
  }
  const callers = filesThatImport(`@rollcall/contracts/${name}`, `apps/${name}/`);
  if (callers.length > 0) {
    throw new UsageError(`"${name}" is still imported; first change\n  ${callers.join('\n  ')}`);
  }
  remove(names);
  return ownPaths(names);
}

/** The folders and files that belong to a service only. */
function ownPaths({ service, snake }: ServiceNames): readonly string[] {
  return [`proto/shop/${snake}`, `libs/contracts/src/services/${service}.ts`, `apps/${service}`];
}

/** Those of the template app, under another name. */
function projectFiles({ service, words }: ServiceNames): Readonly<Record<string, string>> {
  const template = JSON.parse(readFileSync(inRoot(`apps/${templateApp}/package.json`), 'utf8')) as object;
  const manifest = { ...template, name: `@rollcall/${service}`, description: `gRPC service: ${words}.` };
  return {
    [`apps/${service}/package.json`]: `${JSON.stringify(manifest, null, 2)}\n`,
    [`apps/${service}/tsconfig.json`]: readFileSync(inRoot(`apps/${templateApp}/tsconfig.json`), 'utf8'),
  };
}

function remove(names: ServiceNames): void {
  const { service, snake } = names;
  // Compiled types would let an import of the contract compile.
  const compiled = [
    `generated/shop/${snake}`,
    ...[`generated/${snake}`, `services/${service}`].flatMap((file) =>
      ['.js', '.js.map', '.d.ts', '.d.ts.map'].map((extension) => file + extension),
    ),
  ].map((path) => `libs/contracts/dist/${path}`);
  for (const path of [...ownPaths(names), ...compiled])
    rmSync(inRoot(path), { recursive: true, force: true });
  edit((manifest, text) => manifest.remove(text, service));
  generateContracts();
}

function edit(change: (manifest: Manifest, text: string) => string): void {
  for (const manifest of manifests) {
    const file = inRoot(manifest.path);
    const { atime, mtime } = statSync(file);
    const text = readFileSync(file, 'utf8');
    try {
      writeFileSync(file, change(manifest, text));
    } catch (cause) {
      throw new Error(`cannot change ${manifest.path}: ${(cause as Error).message}`, { cause });
    }
    // setup.mjs installs when the lockfile is newer than the installation, but nothing is to be installed.
    if (manifest.path === 'package-lock.json') utimesSync(file, atime, mtime);
  }
}

function generateContracts(): void {
  run('libs/contracts/generate.mjs');
}

function run(program: string, ...args: string[]): void {
  const { status, error } = spawnSync(process.execPath, [inRoot(program), ...args], {
    cwd: repositoryRoot,
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  if (error) throw error;
  if (status !== 0) throw new Error(`${program} exited with ${status}; see its output above`);
}

function composeServices(): readonly string[] {
  const [, entries = ''] = readFileSync(inRoot('docker-compose.yml'), 'utf8').split(/^services:$/m);
  return [...entries.matchAll(/^ {2}([\w-]+):$/gm)].map((match) => match[1]!);
}

function filesThatImport(specifier: string, except: string): readonly string[] {
  return ['apps', 'libs', 'tests', 'tools', 'bench', 'examples']
    .flatMap((folder) =>
      readdirSync(inRoot(folder), { recursive: true, encoding: 'utf8' }).map((path) => `${folder}/${path}`),
    )
    .filter(
      (path) => path.endsWith('.ts') && !/\/(dist|node_modules)\//.test(path) && !path.startsWith(except),
    )
    .filter((path) => readFileSync(inRoot(path), 'utf8').includes(`'${specifier}'`));
}
