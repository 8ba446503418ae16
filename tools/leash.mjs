// Outlives the process that started it by a moment, to end what that process had started and could not end itself:
// after a SIGKILL or a crash no handler of it runs, but this program's standard input closes.
// Each line there is {"hold": X} or {"release": X}, where X is {"pid"}, {"directory"} or {"container"}.
import { spawnSync } from 'node:child_process';
import { rmSync } from 'node:fs';
import { createInterface } from 'node:readline';

const held = new Map();

createInterface({ input: process.stdin })
  .on('line', (line) => {
    const { hold, release } = JSON.parse(line);
    if (hold) held.set(JSON.stringify(hold), hold);
    else held.delete(JSON.stringify(release));
  })
  .on('close', () => {
    const ends = [...held.values()];
    for (const { pid } of ends.filter((end) => end.pid)) kill(pid);
    for (const { container } of ends.filter((end) => end.container)) {
      spawnSync('docker', ['rm', '--force', '--volumes', container], { stdio: 'ignore', timeout: 20_000 });
    }
    for (const { directory } of ends.filter((end) => end.directory)) {
      rmSync(directory, { recursive: true, force: true, maxRetries: 5 });
    }
  });

// The parent's signals (Ctrl-C reaches the whole terminal) are not ours: the end of the input is.
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
