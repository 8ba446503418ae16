import { DiscoveryError } from './errors.js';
import { describeInvalid } from './invalid-option.js';

/** A registry's URL, taken apart: `scheme://user:password@host:port,host:port/path?option=value`. */
export interface RegistryUrl {
  readonly scheme: string;
  /** Whether the scheme was written with `+tls`: `consul+tls://...`. */
  readonly tls: boolean;
  readonly username?: string;
  readonly password?: string;
  /** Without a port where the URL names none: each backend has its own default. */
  readonly hosts: readonly { readonly host: string; readonly port?: number }[];
  /** With its leading slash; empty when there is none. */
  readonly path: string;
  readonly options: ReadonlyMap<string, string>;
}

const shape =
  /^(?<scheme>[a-z][a-z0-9.-]*)(?<tls>\+tls)?:\/\/(?:(?<user>[^@/?]*)@)?(?<hosts>[^/?]*)(?<path>\/[^?]*)?(?:\?(?<query>.*))?$/;

/**
 * Not the WHATWG parser, which knows one host only.
 * @throws {DiscoveryError} INVALID_TARGET, echoing the URL without its password.
 */
export function parseRegistryUrl(url: string): RegistryUrl {
  const parts = shape.exec(url)?.groups;
  if (!parts?.['scheme'])
    throw invalid(url, 'use consul://host:port, etcd://host:port,host:port or file:///directory');
  const scheme = parts['scheme'];
  const [username, password] = (parts['user'] ?? '').split(/:(.*)/s).map((part) => decodeURIComponent(part));
  const hosts = (parts['hosts'] ?? '')
    .split(',')
    .filter((host) => host !== '')
    .map((host) => parseHost(url, host));
  const options = new Map<string, string>();
  for (const [key, value] of new URLSearchParams(parts['query'] ?? '')) {
    if (options.has(key)) throw invalid(url, `option "${key}" is given twice`);
    options.set(key, value);
  }
  return {
    scheme,
    tls: parts['tls'] !== undefined,
    ...(username && { username }),
    ...(password && { password }),
    hosts,
    path: decodeURIComponent(parts['path'] ?? ''),
    options,
  };
}

/** A URL as it may be shown: without its password. */
export function redactUrl(url: string): string {
  return url.replace(/(:\/\/)[^@/?]*@/, '$1***@').replace(/([?&](?:token|password)=)[^&]*/g, '$1***');
}

const hostShape = /^(?:\[(?<v6>[^\]]+)\]|(?<name>[^:]+))(?::(?<port>\d+))?$/;

function parseHost(url: string, text: string): { host: string; port?: number } {
  const { v6, name, port: digits } = hostShape.exec(text)?.groups ?? {};
  const host = v6 ?? name;
  const port = digits === undefined ? undefined : Number(digits);
  if (host === undefined || (port !== undefined && (port < 1 || port > 65535)))
    throw invalid(url, `"${text}" is not a valid host:port`);
  return { host, ...(port !== undefined && { port }) };
}

function invalid(url: string, advice: string): DiscoveryError {
  return new DiscoveryError('INVALID_TARGET', describeInvalid('registry URL', redactUrl(url), advice));
}
