import { resolve } from 'node:path';
import { invalidOption } from '../model/invalid-option.js';

export interface FileOptions {
  /** Created with mode 0700 by the first instance that registers. */
  readonly directory: string;
  /**
   * Interval at which an instance touches its file, in ms. Default 2,000: five heartbeats until it is stale. Each touch costs
   * every observer some 20 µs.
   */
  readonly heartbeatMs?: number;
  /**
   * An instance whose file was not touched for this time, in ms, is left out until the file is touched again. Default 10,000:
   * longer than an event loop is blocked, and the usual TTL of other registries. A local process that dies is noticed earlier, by
   * its pid.
   */
  readonly staleAfterMs?: number;
  /**
   * Interval at which the owners' pids are checked, in ms: the longest time until a `kill -9`, or a directory that was deleted
   * and created again, is noticed. Default 200. Raise it where hundreds of instances share a machine.
   */
  readonly scanIntervalMs?: number;
}

export type FileSettings = Required<FileOptions>;

/** @throws {DiscoveryError} INVALID_OPTION. */
export function fileSettings(options: FileOptions): FileSettings {
  const { directory, heartbeatMs = 2_000, staleAfterMs = 10_000, scanIntervalMs = 200 } = options;
  if (typeof directory !== 'string' || directory === '') {
    throw invalidOption('directory', directory, 'use a path such as /run/rollcall');
  }
  for (const [name, value] of Object.entries({ heartbeatMs, staleAfterMs, scanIntervalMs })) {
    if (!(value >= 10 && value <= 3_600_000)) throw invalidOption(name, value, 'use 10 to 3600000 ms');
  }
  if (staleAfterMs < 3 * heartbeatMs) {
    throw invalidOption('staleAfterMs', staleAfterMs, `use three heartbeats (${3 * heartbeatMs}) or more`);
  }
  return { directory: resolve(directory), heartbeatMs, staleAfterMs, scanIntervalMs };
}
