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

/** As in RFC 3986, the authority ends at the first `/` or `?`, and the last `@` in it ends the credentials. */
const urlPattern =
  /^(?<scheme>[a-z][a-z0-9.-]*)(?<tls>\+tls)?:\/\/(?:(?<user>[^/?]*)@)?(?<hosts>[^@/?]*)(?<path>\/[^?]*)?(?:\?(?<query>.*))?$/s;

/**
 * Not parsed by `URL`, which supports a single host only.
 * @throws {DiscoveryError} INVALID_TARGET, without the password in the message.
 */
export function parseRegistryUrl(url: string): RegistryUrl {
  const parts = urlPattern.exec(url)?.groups;
  if (!parts?.['scheme'])
    throw invalid(url, 'use consul://host:port, etcd://host:port,host:port or file:///directory');
  const scheme = parts['scheme'];
  const parameters = [...new URLSearchParams(parts['query'] ?? '')];
  // What stands before an `@` behind the authority is most likely the rest of a password.
  if (parts['hosts'] && (parts['path']?.includes('@') || parameters.some(([key]) => key.includes('@'))))
    throw invalid(url, 'write "/" in a password as %2F, "?" as %3F and "@" as %40');
  const [username, password] = (parts['user'] ?? '').split(/:(.*)/s).map((part) => decode(url, part));
  const hosts = (parts['hosts'] ?? '')
    .split(',')
    .filter((host) => host !== '')
    .map((host) => parseHost(url, host));
  const options = new Map<string, string>();
  for (const [key, value] of parameters) {
    if (options.has(key)) throw invalid(url, `option "${key}" is given twice`);
    options.set(key, value);
  }
  return {
    scheme,
    tls: parts['tls'] !== undefined,
    ...(username && { username }),
    ...(password && { password }),
    hosts,
    path: decode(url, parts['path'] ?? ''),
    options,
  };
}

/**
 * Masks the credentials in a URL, for messages and logs: up to the last `@`, because a password that is not encoded may hold
 * any character. A URL without a host (`file:///a@b`) has none.
 */
export function redactUrl(url: string): string {
  return url
    .replace(/:\/\/(?!\/).*@/s, '://***@')
    .replace(/([?&][^=&]*(?:token|password|secret)=)[^&]*/gi, '$1***');
}

function decode(url: string, text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    throw invalid(url, 'write "%" as %25');
  }
}

const hostPattern = /^(?:\[(?<v6>[^\]]+)\]|(?<name>[^:]+))(?::(?<port>\d+))?$/;

function parseHost(url: string, text: string): { host: string; port?: number } {
  const { v6, name, port: digits } = hostPattern.exec(text)?.groups ?? {};
  const host = v6 ?? name;
  const port = digits === undefined ? undefined : Number(digits);
  if (host === undefined || (port !== undefined && (port < 1 || port > 65535)))
    throw invalid(url, 'write each host as host:port, with a port from 1 to 65535');
  return { host, ...(port !== undefined && { port }) };
}

function invalid(url: string, advice: string): DiscoveryError {
  return new DiscoveryError('INVALID_TARGET', describeInvalid('registry URL', redactUrl(url), advice));
}
