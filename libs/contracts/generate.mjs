// Generates src/generated from proto/. With --check it writes nothing and fails if src/generated is out of date.
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
    assertUpToDate();
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

/** The options match the loader options of src/contract.ts; its spec checks that types and messages agree. */
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
  if (status !== 0) throw new Error(`proto-loader-gen-types exited with ${status}; see its output above`);
  for (const name of files(outDir)) {
    // The generator writes the absolute path of its source.
    const file = join(outDir, name);
    writeFileSync(file, readFileSync(file, 'utf8').replace(/^(\/\/ Original file: ).*\/(proto\/)/m, '$1$2'));
  }
}

function assertUpToDate() {
  const names = new Set([...files(fresh), ...files(committed)]);
  const changed = [...names].filter((name) => read(fresh, name) !== read(committed, name));
  if (changed.length === 0) return;
  throw new Error(`src/generated is out of date; run "npm run generate":\n  ${changed.join('\n  ')}`);
}

/** The content of a file; undefined if it does not exist. */
function read(directory, name) {
  try {
    return readFileSync(join(directory, name), 'utf8');
  } catch {
    return undefined;
  }
}

/** The relative paths of all files below a directory; none if it does not exist. */
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
