// Generates src/generated from proto/. With --check it changes nothing and fails when the two differ.
import { spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';

const here = fileURLToPath(new URL('.', import.meta.url));
const protos = join(here, '../../proto');
const committed = join(here, 'src/generated');

const fresh = mkdtempSync(join(tmpdir(), 'rollcall-contracts-'));
try {
  generate(fresh);
  if (process.argv.includes('--check')) {
    compare();
  } else {
    rmSync(committed, { recursive: true, force: true });
    cpSync(fresh, committed, { recursive: true });
  }
} catch (error) {
  console.error(`libs/contracts: ${error.message}`);
  process.exitCode = 1;
} finally {
  rmSync(fresh, { recursive: true, force: true });
}

/** The options are those of src/loader.ts, so that what the types say is what the loader does; its spec holds both to it. */
function generate(outDir) {
  const generator = createRequire(import.meta.url).resolve(
    '@grpc/proto-loader/build/bin/proto-loader-gen-types.js',
  );
  const { status } = spawnSync(
    process.execPath,
    [
      generator,
      '--longs=Number',
      '--enums=String',
      '--defaults',
      '--oneofs',
      '--includeComments',
      '--grpcLib=@grpc/grpc-js',
      '--importFileExtension=.js',
      `--includeDirs=${protos}`,
      `--outDir=${outDir}`,
      ...files(protos).filter((file) => file.endsWith('.proto')),
    ],
    { stdio: ['ignore', 'ignore', 'inherit'] },
  );
  if (status !== 0) throw new Error(`proto-loader-gen-types ended with ${status}; see its message above`);
  for (const name of files(outDir)) {
    // The generator names its source by an absolute path, which is another one on every machine.
    const file = join(outDir, name);
    writeFileSync(file, readFileSync(file, 'utf8').replace(/^(\/\/ Original file: ).*\/(proto\/)/m, '$1$2'));
  }
}

function compare() {
  const names = new Set([...files(fresh), ...files(committed)]);
  const drifted = [...names].filter((name) => read(fresh, name) !== read(committed, name));
  if (drifted.length === 0) return;
  throw new Error(
    `src/generated is not what proto/ gives; run "npm run generate -w @rollcall/contracts":\n  ${drifted.join('\n  ')}`,
  );
}

/** What is in a file; undefined when there is none. */
function read(directory, name) {
  try {
    return readFileSync(join(directory, name), 'utf8');
  } catch {
    return undefined;
  }
}

/** Paths of all the files below a directory, relative to it; none when it is not there. */
function files(directory) {
  try {
    return readdirSync(directory, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => relative(directory, join(entry.parentPath, entry.name)))
      .toSorted();
  } catch (error) {
    if (error.code === 'ENOENT') return [];
    throw error;
  }
}
