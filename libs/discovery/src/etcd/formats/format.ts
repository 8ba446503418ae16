import type { Instance } from '../../model/instance.js';

/** What a value says of an instance. Anyone may have written it: nothing here is to be trusted. */
export type Fields = { readonly [K in keyof Instance]?: unknown };

/** How a system writes its instances into etcd. Keys are `<prefix><service>/<name>`. */
export interface EtcdFormat {
  /** Where that system looks by default: empty, or ending with "/". */
  readonly prefix: string;
  /** What the last part of a key is by default. Readers take any. */
  readonly keyedBy: 'id' | 'address';
  /** Whether a value can carry what its system has no field for: that an instance drains, for one. */
  readonly carriesOwn: boolean;
  encode(instance: Instance): string;
  /** @throws {Error} for a value of another kind. */
  decode(value: string): Fields;
}

const addressShape = /^(?:\[(?<v6>[^\]]+)\]|(?<name>[^:/\s]+)):(?<port>\d{1,5})$/;

/** @throws {Error} unless `text` is `host:port`, with brackets around an IPv6 address. */
export function parseAddress(text: unknown): { host: string; port: number } {
  const { v6, name, port } = (typeof text === 'string' && addressShape.exec(text)?.groups) || {};
  const host = v6 ?? name;
  if (host === undefined) throw new Error(`address ${shown(text)} is not host:port`);
  return { host, port: Number(port) };
}

/**
 * Parses an object. One that names `__proto__` is refused whatever else it says: nobody honest does, and a copy of it
 * made carelessly further on would change its prototype.
 * @throws {Error}
 */
export function parseObject(text: string): Readonly<Record<string, unknown>> {
  if (text.includes('"__proto__"')) throw new Error('it names "__proto__"');
  const value: unknown = JSON.parse(text);
  if (!isObject(value)) throw new Error(`${shown(text)} is not an object`);
  return value;
}

export function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** What of an object fits into metadata: its scalars, as text. */
export function scalarsOf(value: unknown): Record<string, string> {
  if (!isObject(value)) return {};
  const scalars = Object.entries(value).filter(([, it]) =>
    ['string', 'number', 'boolean'].includes(typeof it),
  );
  return Object.fromEntries(scalars.map(([key, it]) => [key, String(it)]));
}

function shown(value: unknown): string {
  const text = typeof value === 'string' ? JSON.stringify(value) : String(value);
  return text.length > 120 ? `${text.slice(0, 117)}...` : text;
}
