import { randomUUID } from 'node:crypto';
import { closeSync, openSync, readFileSync, readlinkSync, readSync } from 'node:fs';
import { hostname } from 'node:os';

/** The owner of a record. A pid alone is ambiguous: it is reused, and differs between containers. */
export interface Owner {
  readonly pid: number;
  /** The scope of the pid: boot id and pid namespace, or the host name. */
  readonly where: string;
  /** When that process started, in clock ticks since boot (proc(5)); absent where the system does not provide it. */
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

/** `unknown` for a pid of another scope. A zombie is dead. */
export function processState({ pid, where, startedAt }: Owner): 'alive' | 'dead' | 'unknown' {
  if (where !== here) return 'unknown';
  try {
    process.kill(pid, 0);
  } catch (error) {
    // EPERM: it is alive and belongs to another user.
    if ((error as NodeJS.ErrnoException).code === 'ESRCH') return 'dead';
  }
  // The mount option hidepid can hide it; the signal has shown that it is alive.
  const stat = processStat(pid);
  if (!stat) return 'alive';
  return stat.state === 'Z' || (startedAt !== undefined && stat.startedAt !== startedAt) ? 'dead' : 'alive';
}

export function isOwner(value: unknown): value is Owner {
  if (typeof value !== 'object' || value === null) return false;
  const { pid, where, startedAt, handle } = value as Record<keyof Owner, unknown>;
  return (
    // kill(2) treats 0 and negative numbers as process groups.
    Number.isInteger(pid) &&
    (pid as number) > 0 &&
    typeof where === 'string' &&
    typeof handle === 'string' &&
    (startedAt === undefined || Number.isInteger(startedAt))
  );
}

const buffer = Buffer.alloc(1024);

/**
 * State and start time from `/proc/<pid>/stat`: the fields after the command name, which may contain anything. Read
 * synchronously, because it is memory, and into one buffer, because this runs for every record at every scan.
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
