// Installs and builds what is missing, so that every command of the README works in a fresh clone.
// It runs before any dependency is installed, so it uses only Node itself.
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, statSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const { engines } = JSON.parse(readFileSync(`${root}/package.json`, 'utf8'));
const [major, minor] = process.versions.node.split('.').map(Number);
if (major < 20 || (major === 20 && minor < 19)) {
  console.error(
    `rollcall: Node ${process.versions.node} is too old; install Node ${engines.node} (see .nvmrc).`,
  );
  process.exit(1);
}

const installedLockfile = `${root}/node_modules/.package-lock.json`;
if (
  !existsSync(installedLockfile) ||
  statSync(installedLockfile).mtimeMs < statSync(`${root}/package-lock.json`).mtimeMs
) {
  run('installing dependencies', 'npm', ['ci', '--no-audit', '--no-fund', '--loglevel', 'warn']);
}
run('building', process.execPath, [`${root}/node_modules/typescript/bin/tsc`, '-b']);

function run(what, command, args) {
  const startedAt = Date.now();
  process.stderr.write(`rollcall: ${what} ... `);
  const { status, stdout, error } = spawnSync(command, args, {
    cwd: root,
    stdio: ['ignore', 'pipe', 'inherit'],
    encoding: 'utf8',
    // On Windows npm is a batch file.
    shell: command === 'npm' && process.platform === 'win32',
  });
  if (error || status !== 0) {
    process.stderr.write(`failed\n${error ?? stdout}`);
    process.exit(status || 1);
  }
  process.stderr.write(`${((Date.now() - startedAt) / 1000).toFixed(1)} s\n`);
}
