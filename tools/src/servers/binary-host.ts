import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort } from '../processes/free-port.js';
import { hold, release } from '../processes/leash.js';
import { TrackedProcess } from '../processes/tracked-process.js';
import type { Host } from './host.js';
import { bannerOf } from './locate.js';
import type { RegistryProgram } from './registry-server.js';

/** A registry as a process of this machine, with a data directory of its own. */
export async function binaryHost(
  program: RegistryProgram,
  path: string,
  port: number,
  moreArgs: readonly string[],
): Promise<Host> {
  const directory = await mkdtemp(join(tmpdir(), `rollcall-${program.kind}-`));
  hold({ directory });
  const dataDirectory = join(directory, 'data');
  const at = {
    port,
    peerPort: await freePort(),
    dataDirectory,
    banner: await bannerOf(path, program.bannerArgs),
  };
  const args = [...program.binaryArgs(at), ...moreArgs];
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
      await release({ directory });
    },
    async ended() {
      if (server === undefined || server.running) return undefined;
      const { code, signal } = await server.exited;
      return [`${path} ended (${signal ?? code})`, ...server.lastLines].join('\n');
    },
  };
}
