import type { Instance } from '../../model/instance.js';
import { type Fields, isObject, parseObject } from './format.js';

/** The key under which formats with a map of strings carry the whole of our own record. */
export const ownKey = 'rollcall';

/** Everything of an instance that its key and its address do not say, as text. */
export function packOwn(instance: Instance): string {
  const { service: _service, host: _host, port: _port, ...own } = instance;
  return JSON.stringify({ [ownKey]: 1, ...own });
}

/** The inverse of {@link packOwn}; undefined for what somebody else wrote. Takes the object as well as its text. */
export function unpackOwn(packed: unknown): Fields | undefined {
  try {
    const own = typeof packed === 'string' ? parseObject(packed) : packed;
    return isObject(own) && Object.hasOwn(own, ownKey) ? own : undefined;
  } catch {
    return undefined;
  }
}
