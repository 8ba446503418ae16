import { resolve } from 'node:path';
import { invalidOption } from '../model/invalid-option.js';

export interface FileOptions {
  /** The directory. Made, with mode 0700, by the first instance that announces itself. */
  readonly directory: string;
  /**
   * How often a living instance touches its file, in ms. Default 2,000: five chances before it is taken for one that
   * hangs. Each touch costs every observer some 20 µs.
   */
  readonly heartbeatMs?: number;
  /**
   * An instance whose file was not touched for so long, in ms, hangs, and is left out until the file is touched again.
   * Default 10,000: longer than a process is busy with itself, and what a lease in a registry with a server takes.
   * A process of this machine that dies is noticed by its pid, long before.
   */
  readonly staleAfterMs?: number;
  /**
   * How often the pids of the owners are looked at, in ms: the longest that a kill -9 goes unnoticed, and that a
   * directory which is deleted and made again does. Default 200. Raise it where hundreds of instances share a machine.
   */
  readonly scanIntervalMs?: number;
}

export type CheckedFileOptions = Required<FileOptions>;

/** @throws {DiscoveryError} INVALID_OPTION. */
export function checked(options: FileOptions): CheckedFileOptions {
  const { directory, heartbeatMs = 2_000, staleAfterMs = 10_000, scanIntervalMs = 200 } = options;
  if (typeof directory !== 'string' || directory === '') {
    throw invalidOption('directory', directory, 'name one, such as /run/rollcall');
  }
  for (const [name, value] of Object.entries({ heartbeatMs, staleAfterMs, scanIntervalMs })) {
    if (!(value >= 10 && value <= 3_600_000)) throw invalidOption(name, value, 'use 10 ms to an hour');
  }
  if (staleAfterMs < 3 * heartbeatMs) {
    throw invalidOption('staleAfterMs', staleAfterMs, `use three heartbeats (${3 * heartbeatMs}) or more`);
  }
  return { directory: resolve(directory), heartbeatMs, staleAfterMs, scanIntervalMs };
}
