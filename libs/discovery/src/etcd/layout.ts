import { DiscoveryError } from '../model/errors.js';
import { addressOf, instanceOfRecord, type Instance, maxRecordBytes } from '../model/instance.js';
import type { EtcdFormat } from './formats/index.js';

/** Keys from `key` up to, but without, `range_end`; without `range_end`, only `key`. */
export interface KeyRange {
  readonly key: Buffer;
  readonly range_end?: Buffer;
}

/** Some formats hold fields twice, once of them escaped. Longer values are not parsed. */
const maxValueBytes = 4 * maxRecordBytes;

/** Maps instances to keys and values in etcd. */
export class Layout {
  readonly #format: EtcdFormat;
  readonly #prefix: string;
  readonly #keyedBy: 'id' | 'address';
  #lastService = '';

  constructor(format: EtcdFormat, prefix: string, keyedBy: 'id' | 'address') {
    this.#format = format;
    this.#prefix = prefix;
    this.#keyedBy = keyedBy;
  }

  /** Whether a record can hold `draining`. */
  get carriesDraining(): boolean {
    return this.#format.carriesOwn;
  }

  keyOf(instance: Instance): string {
    const name = this.#keyedBy === 'id' ? instance.id : addressOf(instance);
    return `${this.#prefix}${instance.service}/${name}`;
  }

  /** All keys of a service, or of all services. The "/" at the end keeps `goods` from matching `goods2`. */
  rangeOf(service: string | undefined): KeyRange {
    const prefix = service === undefined ? this.#prefix : `${this.#prefix}${service}/`;
    // A zero byte as `range_end` means no end; a key cannot be empty.
    if (prefix === '') return { key: Buffer.alloc(1), range_end: Buffer.alloc(1) };
    const key = Buffer.from(prefix);
    // All prefixes end with "/", so the last byte can always be incremented.
    const range_end = Buffer.from(key);
    range_end[range_end.length - 1]! += 1;
    return { key, range_end };
  }

  write(instance: Instance): Buffer {
    return Buffer.from(this.#format.encode(instance));
  }

  /**
   * The instance of a record; undefined when the key does not match: etcd may hold other data.
   * @throws {DiscoveryError} INVALID_RECORD.
   */
  read(key: string, value: Buffer): Instance | undefined {
    if (!key.startsWith(this.#prefix)) return undefined;
    const slash = key.indexOf('/', this.#prefix.length);
    const service = this.#sharedName(key.slice(this.#prefix.length, slash));
    const name = key.slice(slash + 1);
    if (slash < 0 || !service || !name) return undefined;
    try {
      if (value.length > maxValueBytes) {
        throw new Error(`the value has ${value.length} bytes, more than ${maxValueBytes}`);
      }
      const fields = this.#format.decode(value.toString());
      const { id = idOf(name) } = fields;
      // Validates every field. Without a copy of the fields, which would cost as much as parsing them.
      return instanceOfRecord(Object.assign(fields, { id, service }) as Instance);
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      throw new DiscoveryError('INVALID_RECORD', reason, { cause: error });
    }
  }

  /** The same string for successive records of a service: a list has thousands. */
  #sharedName(service: string): string {
    if (service !== this.#lastService) this.#lastService = service;
    return this.#lastService;
  }

  /** The address in a value; undefined when it is unreadable. */
  addressIn(key: string, value: Buffer): string | undefined {
    try {
      const instance = this.read(key, value);
      return instance && addressOf(instance);
    } catch {
      return undefined;
    }
  }
}

/** Other systems allow any id; ours appear in logs and gRPC metadata. */
function idOf(name: string): string {
  return name.replaceAll(/[^\w.:@-]/g, '_').slice(0, 128);
}
