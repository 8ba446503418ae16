import { DiscoveryError } from '../model/errors.js';
import { addressOf, defineInstance, type Instance, maxRecordBytes } from '../model/instance.js';
import type { EtcdFormat } from './formats/index.js';

/** Keys from `key` on, up to but not `range_end`; without it, `key` alone. */
export interface KeyRange {
  readonly key: Buffer;
  readonly range_end?: Buffer;
}

/** Some formats say things twice, once for others and once escaped for us. What is longer is not even parsed. */
const maxValueBytes = 4 * maxRecordBytes;

/** Where in etcd which instance stands, and how. */
export class Layout {
  readonly #format: EtcdFormat;
  readonly #prefix: string;
  readonly #keyedBy: 'id' | 'address';

  constructor(format: EtcdFormat, prefix: string, keyedBy: 'id' | 'address') {
    this.#format = format;
    this.#prefix = prefix;
    this.#keyedBy = keyedBy;
  }

  /** Whether a record can say that its instance drains. */
  get carriesDraining(): boolean {
    return this.#format.carriesOwn;
  }

  keyOf(instance: Instance): string {
    const name = this.#keyedBy === 'id' ? instance.id : addressOf(instance);
    return `${this.#prefix}${instance.service}/${name}`;
  }

  /** All keys of a service, or of all. The "/" at its end is why `goods` never finds `goods2`. */
  rangeOf(service: string | undefined): KeyRange {
    const prefix = service === undefined ? this.#prefix : `${this.#prefix}${service}/`;
    // A zero byte as end means that there is none; a key cannot be empty.
    if (prefix === '') return { key: Buffer.alloc(1), range_end: Buffer.alloc(1) };
    const key = Buffer.from(prefix);
    // All our prefixes end with "/", so that the last byte can always be raised.
    const range_end = Buffer.from(key);
    range_end[range_end.length - 1]! += 1;
    return { key, range_end };
  }

  write(instance: Instance): Buffer {
    return Buffer.from(this.#format.encode(instance));
  }

  /**
   * The instance of a record; undefined when its key is none of ours, which means nothing: etcd serves others, too.
   * @throws {DiscoveryError} INVALID_RECORD.
   */
  read(key: string, value: Buffer): Instance | undefined {
    if (!key.startsWith(this.#prefix)) return undefined;
    const slash = key.indexOf('/', this.#prefix.length);
    const service = key.slice(this.#prefix.length, slash);
    const name = key.slice(slash + 1);
    if (slash < 0 || !service || !name) return undefined;
    try {
      if (value.length > maxValueBytes) {
        throw new Error(`${value.length} bytes are more than a record may have (${maxValueBytes})`);
      }
      const fields = this.#format.decode(value.toString());
      const { id = idOf(name) } = fields;
      // Takes nothing on trust, whatever its types say. A copy of the fields would cost as much as parsing them did.
      return defineInstance(Object.assign(fields, { id, service }) as Instance);
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      throw new DiscoveryError('INVALID_RECORD', reason, { cause: error });
    }
  }

  /** The address that a value names; undefined when it cannot be read. */
  addressIn(key: string, value: Buffer): string | undefined {
    try {
      const instance = this.read(key, value);
      return instance && addressOf(instance);
    } catch {
      return undefined;
    }
  }
}

/** Other systems are free in what they name an instance; here the name goes into logs and gRPC metadata. */
function idOf(name: string): string {
  return name.replaceAll(/[^\w.:@-]/g, '_').slice(0, 128);
}
