// Removes what a process leaves behind when no handler of it can run: after SIGKILL or a crash. The process starts
// this program with a pipe as its standard input; the end of that input means that the process has ended.
// Each line is {"add": X} or {"remove": X}, where X is {"pid"}, {"directory"} or {"container"}.
import { spawnSync } from 'node:child_process';
import { rmSync } from 'node:fs';
import { createInterface } from 'node:readline';

const resources = new Map();

createInterface({ input: process.stdin })
  .on('line', (line) => {
    const { add, remove } = JSON.parse(line);
    if (add) resources.set(JSON.stringify(add), add);
    else resources.delete(JSON.stringify(remove));
  })
  .on('close', () => {
    const orphans = [...resources.values()];
    // Processes first: they write to the directories.
    for (const { pid } of orphans.filter((orphan) => orphan.pid)) kill(pid);
    for (const { container } of orphans.filter((orphan) => orphan.container)) {
      spawnSync('docker', ['rm', '--force', '--volumes', container], { stdio: 'ignore', timeout: 20_000 });
    }
    for (const { directory } of orphans.filter((orphan) => orphan.directory)) {
      rmSync(directory, { recursive: true, force: true, maxRetries: 5 });
    }
  });

// Ctrl-C reaches every process of the terminal; this one must outlive its parent.
process
  .on('SIGINT', () => {})
  .on('SIGTERM', () => {})
  .on('SIGHUP', () => {});

function kill(pid) {
  try {
    process.kill(pid, 'SIGKILL');
  } catch (error) {
    if (error.code !== 'ESRCH') throw error;
  }
}
