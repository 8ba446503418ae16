import { readFileSync } from 'node:fs';
import { DiscoveryError } from '../model/errors.js';
import { invalidOption } from '../model/invalid-option.js';
import type { RegistryUrl } from '../model/registry-url.js';

/** TLS towards a registry. */
export interface RegistryTls {
  /** PEM of the authorities that may have signed the registry's certificate. Default: those of Node. */
  readonly ca?: string | Buffer;
  /** PEM of our certificate and its key, for a registry that verifies its clients. */
  readonly cert?: string | Buffer;
  /** PEM of the private key of `cert`. */
  readonly key?: string | Buffer;
  /** The name that the registry's certificate must carry. Default: the host that is connected to. */
  readonly serverName?: string;
}

/** @throws {DiscoveryError} INVALID_OPTION unless a certificate and its key come together. */
export function assertTls(scheme: string, tls: boolean | RegistryTls): void {
  if (typeof tls === 'object' && (tls.cert === undefined) !== (tls.key === undefined))
    throw invalidOption(`${scheme} tls`, Object.keys(tls), 'use cert and key together');
}

/** The given format, or the one of `formats` with the given name. @throws {DiscoveryError} INVALID_OPTION. */
export function resolveFormat<Format extends object>(
  scheme: string,
  format: Format | string,
  formats: Readonly<Record<string, Format>>,
): Format {
  if (typeof format === 'object') return format;
  if (Object.hasOwn(formats, format)) return formats[format]!;
  const names = Object.keys(formats).join(', ');
  throw invalidOption(`${scheme} format`, format, `use one of ${names}, or a format object`);
}

/** For each parameter of a URL's query, the options that its value stands for. The backend checks the values. */
export type UrlParameters<Options> = Readonly<Record<string, (value: string) => Options>>;

/** NaN, which no option accepts, for anything but decimal digits: `Number()` also accepts `1e1`, `0x10` and `" 1 "`. */
export function parseUrlInteger(value: string): number {
  return /^\d{1,15}$/.test(value) ? Number(value) : Number.NaN;
}

/** The text itself, which no option accepts, for anything but `true` and `false`. */
export function parseUrlBoolean(value: string): boolean {
  return value === 'true' || (value === 'false' ? false : (value as never));
}

/** Paths of PEM files, in the query of a URL with `+tls`. */
const pemParameters = ['ca', 'cert', 'key'] as const;

/**
 * Reads the query of a registry URL.
 * @throws {DiscoveryError} INVALID_TARGET for an unknown parameter; INVALID_OPTION for a PEM file that cannot be read.
 */
export function readUrlOptions<Options extends object>(
  url: RegistryUrl,
  parameters: UrlParameters<Options>,
): Options & { readonly tls?: RegistryTls } {
  const tls: Partial<Record<(typeof pemParameters)[number], Buffer>> = {};
  let options = {} as Options;
  for (const [name, value] of url.options) {
    const pem = pemParameters.find((parameter) => parameter === name);
    if (Object.hasOwn(parameters, name)) options = { ...options, ...parameters[name]!(value) };
    else if (pem && url.tls) tls[pem] = readPem(`${url.scheme} ${pem}`, value);
    else if (pem) throw invalidUrl(url, `option "${name}"`, `use ${url.scheme}+tls://`);
    else throw invalidUrl(url, `option "${name}"`, `use ${Object.keys(parameters).join(', ')}`);
  }
  return { ...options, ...(url.tls && { tls }) };
}

/** The error for a part of a registry URL that its scheme has no meaning for. */
export function invalidUrl({ scheme }: RegistryUrl, what: string, advice: string): DiscoveryError {
  return new DiscoveryError('INVALID_TARGET', `invalid ${what} in a ${scheme}:// URL: ${advice}`);
}

function readPem(name: string, path: string): Buffer {
  try {
    return readFileSync(path);
  } catch (error) {
    throw DiscoveryError.from(error, 'INVALID_OPTION', `${name} "${path}"`);
  }
}

/**
 * The deadline of a request that lists or opens a watch, in ms. Longer than that of other requests, which must fit into the
 * 2 s of deregistering: a registry that answers after 3 s is slow, not unavailable.
 */
export function listTimeoutMs(requestTimeoutMs: number): number {
  return 2.5 * requestTimeoutMs;
}
