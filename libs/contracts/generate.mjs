// Generates src/generated from proto/. With --check it generates nothing and fails when the two differ.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join, relative } from 'node:path';
import { tmpdir } from 'node:os';
import { fileURLToPath } from 'node:url';

const here = fileURLToPath(new URL('.', import.meta.url));
const protos = join(here, '../../proto');
const committed = join(here, 'src/generated');
const check = process.argv.includes('--check');
const target = check ? mkdtempSync(join(tmpdir(), 'contracts-')) : committed;

try {
  if (!check) rmSync(committed, { recursive: true, force: true });
  generate(target);
  if (check) compare();
} finally {
  if (check) rmSync(target, { recursive: true, force: true });
}

// The options are those of src/loader.ts: what the types say is what the loader does.
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
  for (const name of files(outDir)) {
    // The generator names its source by an absolute path, which is another one on every machine.
    const file = join(outDir, name);
    writeFileSync(file, readFileSync(file, 'utf8').replace(/^(\/\/ Original file: ).*\/(proto\/)/m, '$1$2'));
  }
  if (status !== 0) process.exit(status ?? 1);
}

function compare() {
  const names = new Set([...files(target), ...files(committed)]);
  const drifted = [...names].filter((name) => read(target, name) !== read(committed, name));
  if (drifted.length === 0) return;
  console.error(
    `libs/contracts/src/generated is not what proto/ gives; run "npm run generate -w @rollcall/contracts":\n  ${drifted.join('\n  ')}`,
  );
  process.exitCode = 1;
}

function read(directory, name) {
  try {
    return readFileSync(join(directory, name), 'utf8');
  } catch {
    return undefined;
  }
}

function files(directory) {
  return readdirSync(directory, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => relative(directory, join(entry.parentPath, entry.name)))
    .toSorted();
}
