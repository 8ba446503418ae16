import { isIP } from 'node:net';
import { DiscoveryError } from './errors.js';
import { isLegacyAddress, isWildcard } from './host.js';
import { isPrintable } from '../runtime/printable.js';
import { describeInvalid } from './invalid-option.js';

/** One running process that serves one service; the content of a registry record in any format. */
export interface Instance {
  /** Unique per start of a process. */
  readonly id: string;
  /** Name of the service: a DNS label (RFC 1123), because gRPC uses it as the `:authority` of calls. */
  readonly service: string;
  /** Host name or IP address that callers can reach, without port or brackets. */
  readonly host: string;
  /** TCP port, 1 to 65535. */
  readonly port: number;
  /** Share of the traffic relative to other instances: an integer from 1 to 65535, 1 by default. */
  readonly weight: number;
  /** Labels that callers can filter by: `?tag=v2`. */
  readonly tags: readonly string[];
  /** Entries that callers can filter by. Everyone who reads the registry can read them. */
  readonly metadata: Readonly<Record<string, string>>;
  /** What it speaks: `grpc`, `http`, ... */
  readonly protocol?: string;
  /** The release that it runs, which callers can filter by: `?version=2.1.0`. */
  readonly version?: string;
  /** Failure domain: rack, availability zone, data centre. */
  readonly zone?: string;
  /** When this process first registered, in ms since the Unix epoch. Of two records with the same id the newer wins. */
  readonly registeredAt?: number;
  /** It is shutting down: it takes no new calls, and its record will be removed. */
  readonly draining?: boolean;
}

/** The input of {@link defineInstance}: fields with a default are optional. */
export type InstanceInit = Pick<Instance, 'id' | 'service' | 'host' | 'port'> & Partial<Instance>;

/** Maximum size of a record, in bytes of JSON. */
export const maxRecordBytes = 16 * 1024;

const dnsLabel = /^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/;
const hostName =
  /^(?=.{1,253}$)[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?(\.[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?)*\.?$/i;
const instanceId = /^[\w.:@-]{1,128}$/;

/** @throws {DiscoveryError} INVALID_INSTANCE unless `name` is a DNS label that is not a number (gRPC rejects a numeric authority). */
export function assertServiceName(name: string): void {
  if (typeof name !== 'string' || !dnsLabel.test(name) || /^\d+$/.test(name)) {
    throw invalid(
      'service',
      name,
      'use a DNS label: a-z, 0-9 and inner hyphens, at most 63, not only digits',
    );
  }
}

/**
 * Others name their services as they like (`user.rpc`, `Users`): such a service can be watched, but not registered.
 * @throws {DiscoveryError} INVALID_INSTANCE unless every registry can hold `name`.
 */
export function assertWatchableName(name: string): void {
  if (typeof name === 'string' && /^[^/]{1,253}$/.test(name) && !/^\.+$|^\*$/.test(name) && isPrintable(name))
    return;
  throw invalid('service', name, 'use 1 to 253 printable characters without "/"');
}

/**
 * Validates every field, fills in defaults and freezes the result.
 * @throws {DiscoveryError} INVALID_INSTANCE.
 */
export function defineInstance(init: InstanceInit): Instance {
  assertServiceName(init.service);
  if (init.metadata && Object.hasOwn(init.metadata, '__proto__')) {
    throw invalid('metadata key', '__proto__', 'use another one: readers reject a record that contains it');
  }
  return validInstance(init);
}

/**
 * Like {@link defineInstance}, for an instance that is read from a registry: its service may have any name that can be watched.
 * @throws {DiscoveryError} INVALID_INSTANCE.
 */
export function instanceOfRecord(init: InstanceInit): Instance {
  assertWatchableName(init.service);
  return validInstance(init);
}

function validInstance(init: InstanceInit): Instance {
  if (typeof init.id !== 'string' || !instanceId.test(init.id)) {
    throw invalid('id', init.id, 'use 1 to 128 letters, digits, ".", ":", "@", "_" or "-"');
  }
  if (
    typeof init.host !== 'string' ||
    (!isIP(init.host) && (!hostName.test(init.host) || isLegacyAddress(init.host)))
  ) {
    throw invalid('host', init.host, 'use a host name or an IP address, without port or brackets');
  }
  if (isWildcard(init.host)) {
    throw invalid('host', init.host, 'a wildcard address; use one that callers can reach');
  }
  if (!Number.isInteger(init.port) || init.port < 1 || init.port > 65535) {
    throw invalid('port', init.port, 'use an integer from 1 to 65535');
  }
  const weight = init.weight ?? 1;
  if (!Number.isInteger(weight) || weight < 1 || weight > 65535) {
    throw invalid('weight', weight, 'use an integer from 1 to 65535; to take an instance out, deregister it');
  }
  assertName('protocol', init.protocol);
  assertName('version', init.version);
  assertName('zone', init.zone);
  if (init.registeredAt !== undefined && !Number.isFinite(init.registeredAt)) {
    throw invalid('registeredAt', init.registeredAt, 'use milliseconds since the Unix epoch');
  }
  const instance: { -readonly [K in keyof Instance]: Instance[K] } = {
    id: init.id,
    service: init.service,
    host: init.host,
    port: init.port,
    weight,
    tags: validTags(init.tags ?? noTags),
    metadata: validMetadata(init.metadata ?? noMetadata),
  };
  // Not spread: that takes several times as long, and a list has thousands of instances.
  if (init.protocol !== undefined) instance.protocol = init.protocol;
  if (init.version !== undefined) instance.version = init.version;
  if (init.zone !== undefined) instance.zone = init.zone;
  if (init.registeredAt !== undefined) instance.registeredAt = init.registeredAt;
  if (init.draining === true) instance.draining = true;
  assertSize(instance);
  return Object.freeze(instance);
}

const noTags: readonly string[] = Object.freeze([]);
const noMetadata: Instance['metadata'] = Object.freeze({});

function validTags(tags: unknown): Instance['tags'] {
  if (!Array.isArray(tags) || !tags.every((tag) => typeof tag === 'string' && tag !== '')) {
    throw invalid('tags', tags, 'use a list of non-empty strings');
  }
  return tags.length === 0 ? noTags : Object.freeze([...tags]);
}

function validMetadata(metadata: unknown): Instance['metadata'] {
  if (typeof metadata !== 'object' || Array.isArray(metadata)) {
    throw invalid('metadata', typeof metadata, 'use an object whose values are strings');
  }
  const copy = { ...metadata } as Record<string, string>;
  let isEmpty = true;
  for (const key in copy) {
    isEmpty = false;
    // Values may be secrets, so the message has none of them.
    if (typeof copy[key] !== 'string') throw invalid('metadata key', key, 'use a string as its value');
  }
  return isEmpty ? noMetadata : Object.freeze(copy);
}

function assertName(field: string, value: unknown): void {
  if (value !== undefined && (typeof value !== 'string' || value === ''))
    throw invalid(field, value, 'use a non-empty string or leave it out');
}

/** A character takes at most this many bytes in JSON: `\u0001`. */
const maxBytesACharacter = 6;
/** More than the JSON of an instance takes beside its strings. */
const maxBytesOfRest = 500;

/** Counts bytes only in an instance that may have too many. */
function assertSize(instance: Instance): void {
  const { id, service, host, protocol = '', version = '', zone = '', tags, metadata } = instance;
  let characters = id.length + service.length + host.length + protocol.length + version.length + zone.length;
  // Each of these is followed by up to 6 characters of syntax.
  for (const tag of tags) characters += tag.length + 1;
  for (const key in metadata) characters += key.length + metadata[key]!.length + 1;
  if (characters * maxBytesACharacter + maxBytesOfRest <= maxRecordBytes) return;
  const bytes = Buffer.byteLength(JSON.stringify(instance));
  if (bytes > maxRecordBytes) {
    throw new DiscoveryError(
      'INVALID_INSTANCE',
      `the record takes ${bytes} bytes, at most ${maxRecordBytes} are allowed; keep large data elsewhere`,
    );
  }
}

/** `host:port`, with brackets around an IPv6 address. */
export function addressOf(instance: Pick<Instance, 'host' | 'port'>): string {
  return isIP(instance.host) === 6
    ? `[${instance.host}]:${instance.port}`
    : `${instance.host}:${instance.port}`;
}

function invalid(field: string, value: unknown, advice: string): DiscoveryError {
  return new DiscoveryError('INVALID_INSTANCE', describeInvalid(field, value, advice));
}
