// `npm run docs`: builds the site in site/dist. It installs the tools of the site first if they are missing, and needs no
// other network. With `--dev` it serves the pages and follows changes of docs/.
import { spawn, spawnSync } from 'node:child_process';
import { cpSync, existsSync, rmSync, statSync, watch } from 'node:fs';
import { fileURLToPath } from 'node:url';

const site = fileURLToPath(new URL('.', import.meta.url));
const root = fileURLToPath(new URL('..', import.meta.url));
const content = `${site}.content`;
const vitepress = 'node_modules/vitepress/bin/vitepress.js';
const isDevelopment = process.argv.includes('--dev');

installIfNeeded();
rmSync(content, { recursive: true, force: true });
run('writing the API reference', process.execPath, [
  'node_modules/typedoc/bin/typedoc',
  '--out',
  '.content/api',
]);
copyPages();
if (isDevelopment) {
  watch(`${root}docs`, { recursive: true }, copyPages);
  watch(`${root}README.md`, copyPages);
  spawn(process.execPath, [vitepress, 'dev'], { cwd: site, stdio: 'inherit' }).on('exit', (code) =>
    process.exit(code ?? 1),
  );
} else {
  run('building the pages', process.execPath, [vitepress, 'build']);
  run('checking the links', process.execPath, ['check-links.mjs', 'dist']);
  console.error('rollcall: the site is in site/dist; `npm run docs -- --dev` serves it and follows changes.');
}

function copyPages() {
  cpSync(`${root}docs`, content, { recursive: true });
  cpSync(`${root}README.md`, `${content}/index.md`);
}

function installIfNeeded() {
  const installed = `${site}node_modules/.package-lock.json`;
  const isCurrent =
    existsSync(installed) && statSync(installed).mtimeMs >= statSync(`${site}package-lock.json`).mtimeMs;
  if (!isCurrent)
    run('installing the tools of the site', 'npm', ['ci', '--no-audit', '--no-fund', '--loglevel', 'warn']);
}

function run(what, command, args) {
  const startedAt = Date.now();
  process.stderr.write(`rollcall: ${what} ... `);
  const { status, stdout, stderr, error } = spawnSync(command, args, { cwd: site, encoding: 'utf8' });
  if (error || status !== 0) {
    process.stderr.write(`failed\n${error ?? stdout + stderr}`);
    process.exit(status || 1);
  }
  process.stderr.write(`${((Date.now() - startedAt) / 1000).toFixed(1)} s\n`);
}
