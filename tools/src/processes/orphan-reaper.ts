import { spawn, type ChildProcess } from 'node:child_process';
import type { Socket } from 'node:net';
import { fileURLToPath } from 'node:url';

/** What must not outlive this process: a child process, a data directory, a container. */
export type Resource =
  { readonly pid: number } | { readonly directory: string } | { readonly container: string };

const program = fileURLToPath(new URL('../../orphan-reaper.mjs', import.meta.url));
const resources = new Set<string>();
let reaper: ChildProcess | undefined;

/** Removes `resource` when this process ends, even by SIGKILL: another process (`tools/orphan-reaper.mjs`) does it. */
export function reapOnExit(resource: Resource): void {
  resources.add(JSON.stringify(resource));
  reaper ??= startReaper();
  reaper.stdin?.write(`${JSON.stringify({ add: resource })}\n`);
}

/** Call it when `resource` is gone. The last call ends the reaper and waits for that. */
export async function cancelReap(resource: Resource): Promise<void> {
  if (!resources.delete(JSON.stringify(resource)) || !reaper) return;
  reaper.stdin?.write(`${JSON.stringify({ remove: resource })}\n`);
  if (resources.size > 0) return;
  const last = reaper;
  reaper = undefined;
  const exited = new Promise<void>((resolve) => void last.once('exit', () => resolve()));
  last.ref();
  last.stdin?.end();
  await exited;
}

function startReaper(): ChildProcess {
  const child = spawn(process.execPath, [program], { detached: true, stdio: ['pipe', 'ignore', 'inherit'] });
  child.unref();
  // A killed reaper breaks the pipe; this process can still clean up by itself.
  child.stdin?.on('error', () => {});
  (child.stdin as Socket).unref();
  child.once('error', (error) => process.emitWarning(`cannot start the orphan reaper: ${error.message}`));
  return child;
}
