import { randomUUID } from 'node:crypto';
import { closeSync, openSync, readFileSync, readlinkSync, readSync } from 'node:fs';
import { hostname } from 'node:os';

/** Whose a record is. A pid alone says little: it is used again, and means another process in a container. */
export interface Owner {
  readonly pid: number;
  /** Where that pid means something: the boot of a machine and the pid namespace, or the host's name. */
  readonly where: string;
  /** When that process started, in clock ticks since boot (proc(5)); left out where the system does not say. */
  readonly startedAt?: number;
  /** One registry handle of that process. */
  readonly handle: string;
}

const here =
  process.platform === 'linux'
    ? `${readFileSync('/proc/sys/kernel/random/boot_id', 'latin1').trim()} ${readlinkSync('/proc/self/ns/pid')}`
    : hostname();

/** This process, with a new handle. */
export function newOwner(): Owner {
  const startedAt = processStat(process.pid)?.startedAt;
  return {
    pid: process.pid,
    where: here,
    ...(startedAt !== undefined && { startedAt }),
    handle: randomUUID(),
  };
}

/** Whether the process lives; `unknown` for one whose pid means nothing here. A zombie is dead: it serves nobody. */
export function life({ pid, where, startedAt }: Owner): 'alive' | 'dead' | 'unknown' {
  if (where !== here) return 'unknown';
  try {
    process.kill(pid, 0);
  } catch (error) {
    // EPERM: it lives, and belongs to someone else.
    if ((error as NodeJS.ErrnoException).code === 'ESRCH') return 'dead';
  }
  // Not every process can be looked at (the mount option hidepid): such a one is as alive as the signal says.
  const stat = processStat(pid);
  if (!stat) return 'alive';
  return stat.state === 'Z' || (startedAt !== undefined && stat.startedAt !== startedAt) ? 'dead' : 'alive';
}

/** Checks what a record says of its owner. */
export function isOwner(value: unknown): value is Owner {
  if (typeof value !== 'object' || value === null) return false;
  const { pid, where, startedAt, handle } = value as Record<keyof Owner, unknown>;
  return (
    // kill(2) takes 0 and negative numbers for groups of processes.
    Number.isInteger(pid) &&
    (pid as number) > 0 &&
    typeof where === 'string' &&
    typeof handle === 'string' &&
    (startedAt === undefined || Number.isInteger(startedAt))
  );
}

const buffer = Buffer.alloc(1024);

/**
 * State and start time from `/proc/<pid>/stat`: the fields after the command's name, which may hold anything. Read
 * synchronously, because it is memory and not a disk, and by hand, because that is done for every record at every scan.
 */
function processStat(pid: number): { state: string; startedAt: number } | undefined {
  if (process.platform !== 'linux') return undefined;
  let fd: number | undefined;
  try {
    fd = openSync(`/proc/${pid}/stat`, 'r');
    const stat = buffer.toString('latin1', 0, readSync(fd, buffer, 0, buffer.length, 0));
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ', 20);
    return { state: fields[0]!, startedAt: Number(fields[19]) };
  } catch {
    return undefined;
  } finally {
    if (fd !== undefined) closeSync(fd);
  }
}
