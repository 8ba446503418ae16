// Runs every script of package.json whose name starts with `check:`, in that order, also after one has failed.
// With --list it prints their names: .ci/run counts each one. So there is one list, and a new check is a new script.
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';

const { scripts } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8'));
const checks = Object.keys(scripts).filter((name) => name.startsWith('check:'));

if (process.argv[2] === '--list') {
  console.log(checks.join('\n'));
} else {
  const failed = checks.filter((name) => {
    console.log(`== npm run ${name}`);
    // One string, since npm is a shell script on Windows.
    return spawnSync(`npm run --silent ${name}`, { shell: true, stdio: 'inherit' }).status !== 0;
  });
  console.log(failed.length === 0 ? `${checks.length} checks passed` : `failed: ${failed.join(', ')}`);
  process.exitCode = failed.length === 0 ? 0 : 1;
}
