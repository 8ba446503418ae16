import { DiscoveryError } from './errors.js';
import { describeInvalid } from './invalid-option.js';

/** A parsed registry URL: `scheme://user:password@host:port,host:port/path?option=value`. */
export interface RegistryUrl {
  readonly scheme: string;
  /** Whether the scheme has the suffix `+tls`: `consul+tls://...`. */
  readonly tls: boolean;
  readonly username?: string;
  readonly password?: string;
  /** Without a port where the URL names none: each backend has its own default. */
  readonly hosts: readonly { readonly host: string; readonly port?: number }[];
  /** With its leading slash, or empty. */
  readonly path: string;
  readonly options: ReadonlyMap<string, string>;
}

const urlPattern =
  /^(?<scheme>[a-z][a-z0-9.-]*)(?<tls>\+tls)?:\/\/(?:(?<user>[^@/?]*)@)?(?<hosts>[^/?]*)(?<path>\/[^?]*)?(?:\?(?<query>.*))?$/;

/**
 * Not parsed by `URL`, which supports a single host only.
 * @throws {DiscoveryError} INVALID_TARGET, without the password in the message.
 */
export function parseRegistryUrl(url: string): RegistryUrl {
  const parts = urlPattern.exec(url)?.groups;
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

/** Masks the credentials in a URL, for messages and logs. */
export function redactUrl(url: string): string {
  return url.replace(/(:\/\/)[^@/?]*@/, '$1***@').replace(/([?&](?:token|password)=)[^&]*/g, '$1***');
}

const hostPattern = /^(?:\[(?<v6>[^\]]+)\]|(?<name>[^:]+))(?::(?<port>\d+))?$/;

function parseHost(url: string, text: string): { host: string; port?: number } {
  const { v6, name, port: digits } = hostPattern.exec(text)?.groups ?? {};
  const host = v6 ?? name;
  const port = digits === undefined ? undefined : Number(digits);
  if (host === undefined || (port !== undefined && (port < 1 || port > 65535)))
    throw invalid(url, `"${text}" is not a valid host:port`);
  return { host, ...(port !== undefined && { port }) };
}

function invalid(url: string, advice: string): DiscoveryError {
  return new DiscoveryError('INVALID_TARGET', describeInvalid('registry URL', redactUrl(url), advice));
}
