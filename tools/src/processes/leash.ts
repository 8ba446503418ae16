import { spawn, type ChildProcess } from 'node:child_process';
import type { Socket } from 'node:net';
import { fileURLToPath } from 'node:url';

/** What must not outlive this process: a child, a directory of its data, a container. */
export type Held = { readonly pid: number } | { readonly directory: string } | { readonly container: string };

const program = fileURLToPath(new URL('../../leash.mjs', import.meta.url));
const held = new Set<string>();
let guard: ChildProcess | undefined;

/**
 * Sees to it that `what` ends when this process does, however it ends: also by SIGKILL, where no handler runs.
 * A small program of its own (`tools/leash.mjs`) waits for our end of a pipe to close.
 */
export function hold(what: Held): void {
  held.add(JSON.stringify(what));
  guard ??= startGuard();
  guard.stdin?.write(`${JSON.stringify({ hold: what })}\n`);
}

/** `what` has ended by itself. With nothing left to hold, the guard ends too, and that is waited for. */
export async function release(what: Held): Promise<void> {
  if (!held.delete(JSON.stringify(what)) || !guard) return;
  guard.stdin?.write(`${JSON.stringify({ release: what })}\n`);
  if (held.size > 0) return;
  const last = guard;
  guard = undefined;
  const ended = new Promise<void>((resolve) => void last.once('exit', () => resolve()));
  last.ref();
  last.stdin?.end();
  await ended;
}

function startGuard(): ChildProcess {
  const child = spawn(process.execPath, [program], { detached: true, stdio: ['pipe', 'ignore', 'inherit'] });
  child.unref();
  // Where the guard itself was killed there is nobody to tell: the orderly ways out still work.
  child.stdin?.on('error', () => {});
  (child.stdin as Socket).unref();
  child.once('error', (error) => process.emitWarning(`no guard against orphans: ${error.message}`));
  return child;
}
