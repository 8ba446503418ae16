import type { Backend } from '../backend/backend.js';
import {
  invalidUrl,
  parseUrlInteger,
  readUrlOptions,
  type UrlParameters,
} from '../backend/backend-options.js';
import type { RegistryUrl } from '../model/registry-url.js';
import { fileBackend } from './backend.js';
import type { FileOptions } from './options.js';

export { fileBackend } from './backend.js';
export type { FileOptions } from './options.js';

const parameters: UrlParameters<Omit<FileOptions, 'directory'>> = {
  heartbeatMs: (value) => ({ heartbeatMs: parseUrlInteger(value) }),
  staleAfterMs: (value) => ({ staleAfterMs: parseUrlInteger(value) }),
  scanIntervalMs: (value) => ({ scanIntervalMs: parseUrlInteger(value) }),
};

/**
 * `file:///run/rollcall?heartbeatMs=2000&staleAfterMs=10000&scanIntervalMs=200`
 * @throws {DiscoveryError} INVALID_TARGET; INVALID_OPTION for a value outside its range.
 */
export function fileFromUrl(url: RegistryUrl): Backend {
  const { hosts, path } = url;
  if (hosts.length > 0 || path.length < 2)
    throw invalidUrl(url, `directory "${path}"`, 'use file:///run/rollcall, with three slashes');
  return fileBackend({ directory: path, ...readUrlOptions(url, parameters) });
}
