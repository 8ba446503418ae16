import { spawn } from 'node:child_process';
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort } from '../processes/free-port.js';
import { cancelReap, reapOnExit } from '../processes/orphan-reaper.js';
import { TrackedProcess } from '../processes/tracked-process.js';
import type { RegistryProgram } from './registry-program.js';
import type { ServerHost } from './server-host.js';

/** A registry server as a process of this machine, with its own data directory. */
export async function binaryHost(
  program: RegistryProgram,
  path: string,
  port: number,
  extraArgs: readonly string[],
): Promise<ServerHost> {
  const directory = await mkdtemp(join(tmpdir(), `rollcall-${program.kind}-`));
  reapOnExit({ directory });
  const dataDirectory = join(directory, 'data');
  const peerPort = await freePort();
  const versionOutput = await outputOf(path, program.versionArgs);
  const args = [...program.binaryArgs({ port, peerPort, dataDirectory, versionOutput }), ...extraArgs];
  let server: TrackedProcess | undefined;

  return {
    address: '127.0.0.1',
    async start() {
      await mkdir(dataDirectory, { recursive: true, mode: 0o700 });
      server = await TrackedProcess.start({ command: path, args });
    },
    async kill() {
      await server?.kill();
    },
    async freeze() {
      server?.signal('SIGSTOP');
    },
    async thaw() {
      server?.signal('SIGCONT');
    },
    async wipe() {
      await rm(dataDirectory, { recursive: true, force: true });
    },
    async remove() {
      await rm(directory, { recursive: true, force: true });
      await cancelReap({ directory });
    },
    async exitReason() {
      if (server === undefined || server.running) return undefined;
      const { code, signal } = await server.exited;
      return [`${path} exited (${signal ?? code})`, ...server.lastLines].join('\n');
    },
  };
}

/** Standard output of a short run. */
async function outputOf(path: string, args: readonly string[]): Promise<string> {
  const child = spawn(path, args, { stdio: ['ignore', 'pipe', 'ignore'], timeout: 10_000 });
  let text = '';
  child.stdout.setEncoding('utf8').on('data', (chunk: string) => (text += chunk));
  await new Promise<void>(
    (resolve, reject) => void child.once('close', () => resolve()).once('error', reject),
  );
  return text;
}
