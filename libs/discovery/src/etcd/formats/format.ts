import type { Instance } from '../../model/instance.js';

/** The fields of an instance as read from a value: untrusted, because anyone may have written it. */
export type Fields = { readonly [K in keyof Instance]?: unknown };

/** How a system stores its instances in etcd. Keys are `<prefix><service>/<name>`. */
export interface EtcdFormat {
  /** The default prefix of that system: empty, or ending with "/". */
  readonly prefix: string;
  /** The default for the last part of a key. Readers accept any. */
  readonly keyedBy: 'id' | 'address';
  /** Whether a value can hold fields that its system does not know, such as `draining`. */
  readonly carriesOwn: boolean;
  encode(instance: Instance): string;
  /** @throws {Error} for an invalid value. */
  decode(value: string): Fields;
}

const addressShape = /^(?:\[[^\]]+\]|[^:/\s]+):\d{1,5}$/;

/** @throws {Error} unless `text` is `host:port`, with brackets around an IPv6 address. */
export function parseAddress(text: unknown): { host: string; port: number } {
  if (typeof text !== 'string' || !addressShape.test(text))
    throw new Error(`address ${excerpt(text)} is not host:port`);
  // Groups of the expression would take as long as parsing the record.
  const colon = text.lastIndexOf(':');
  const host = text.startsWith('[') ? text.slice(1, colon - 1) : text.slice(0, colon);
  return { host, port: Number(text.slice(colon + 1)) };
}

/** As a key: in a text, its closing quote would be escaped. */
const protoKey = /"__proto__"\s*:/;

/**
 * Parses an object. Rejects one with a key `__proto__`: a careless copy of it would change the prototype.
 * @throws {Error}
 */
export function parseObject(text: string): Readonly<Record<string, unknown>> {
  // The first search is faster.
  if (text.includes('__proto__') && protoKey.test(text))
    throw new Error('the value contains the key "__proto__"');
  const value: unknown = JSON.parse(text);
  if (!isObject(value)) throw new Error(`${excerpt(text)} is not an object`);
  return value;
}

export function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The scalars of an object, as text: what fits into metadata. */
export function scalarsOf(value: unknown): Record<string, string> {
  if (!isObject(value)) return {};
  const scalars = Object.entries(value).filter(([, field]) =>
    ['string', 'number', 'boolean'].includes(typeof field),
  );
  return Object.fromEntries(scalars.map(([key, field]) => [key, String(field)]));
}

function excerpt(value: unknown): string {
  const text = typeof value === 'string' ? JSON.stringify(value) : String(value);
  return text.length > 120 ? `${text.slice(0, 117)}...` : text;
}

/** The key under which formats with a map of strings hold the fields that they do not know. */
export const ownKey = 'rollcall';

/** All fields of an instance that are neither in its key nor in its address, as JSON. */
export function packOwn(instance: Instance): string {
  const { service: _service, host: _host, port: _port, ...own } = instance;
  return JSON.stringify({ [ownKey]: 1, ...own });
}

/** The inverse of {@link packOwn}, also for the parsed object; undefined for a value that is not ours. */
export function unpackOwn(packed: unknown): Fields | undefined {
  try {
    const own = typeof packed === 'string' ? parseObject(packed) : packed;
    return isObject(own) && Object.hasOwn(own, ownKey) ? own : undefined;
  } catch {
    return undefined;
  }
}
