import { readFileSync, readlinkSync } from 'node:fs';
import { hostname } from 'node:os';

/** The process that a record belongs to. A pid alone says little: it is used again, and means another in a container. */
export interface Owner {
  readonly pid: number;
  /** Where that pid means something: the host and, on Linux, the pid namespace. */
  readonly where: string;
  /** When that process started, in ticks since boot (proc(5)); undefined where the system does not say. */
  readonly startedAt?: number;
}

const here = `${hostname()} ${pidNamespace()}`;

/** This process. */
export const self: Owner = owner(process.pid);

export function sameOwner(a: Owner, b: Owner): boolean {
  return a.pid === b.pid && a.where === b.where && a.startedAt === b.startedAt;
}

/** Whether the process lives; `unknown` for one whose pid we cannot see. */
export function life({ pid, where, startedAt }: Owner): 'alive' | 'dead' | 'unknown' {
  if (where !== here) return 'unknown';
  try {
    process.kill(pid, 0);
  } catch (error) {
    // EPERM: it lives, and belongs to someone else.
    if ((error as NodeJS.ErrnoException).code !== 'EPERM') return 'dead';
  }
  const stat = processStat(pid);
  if (!stat) return process.platform === 'linux' ? 'dead' : 'alive';
  return stat.state === 'Z' || (startedAt !== undefined && stat.startedAt !== startedAt) ? 'dead' : 'alive';
}

function owner(pid: number): Owner {
  const stat = processStat(pid);
  return { pid, where: here, ...(stat && { startedAt: stat.startedAt }) };
}

/** State and start time from /proc/<pid>/stat: the fields after the command's name, which may hold anything. */
function processStat(pid: number): { state: string; startedAt: number } | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return { state: fields[0] ?? '', startedAt: Number(fields[19]) };
  } catch {
    return undefined;
  }
}

function pidNamespace(): string {
  try {
    return readlinkSync('/proc/self/ns/pid');
  } catch {
    return '';
  }
}
