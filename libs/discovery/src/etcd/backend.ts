import type { Backend, ObservedSet, ObserveSession, OwnRecord } from '../backend/backend.js';
import type { Instance } from '../model/instance.js';
import { EtcdClient } from './client.js';
import { Layout } from './layout.js';
import { observe } from './observe.js';
import { type EtcdOptions, type EtcdSettings, etcdSettings } from './options.js';
import { EtcdRecord, type RecordContext } from './own-record.js';
import { Ownership } from './ownership.js';

/**
 * A registry in etcd 3.4 or newer.
 * @throws {DiscoveryError} INVALID_OPTION.
 */
export function etcdBackend(options: EtcdOptions = {}): Backend {
  return new EtcdBackend(etcdSettings(options));
}

class EtcdBackend implements Backend {
  readonly scheme = 'etcd';
  readonly location: string;
  readonly host: string;
  readonly #client: EtcdClient;
  readonly #layout: Layout;
  readonly #context: RecordContext;

  constructor(settings: EtcdSettings) {
    const { hosts, prefix, format, keyedBy, ttlMs } = settings;
    this.host = hosts[0]!.replace(/:\d+$/, '').replace(/^\[|\]$/g, '');
    this.location = `etcd://${hosts.join(',')}${prefix === format.prefix ? '' : `/?prefix=${prefix}`}`;
    this.#client = new EtcdClient(settings);
    this.#layout = new Layout(format, prefix, keyedBy);
    this.#context = {
      client: this.#client,
      layout: this.#layout,
      ownership: new Ownership(),
      ttlMs,
    };
  }

  ownRecord(instance: Instance): OwnRecord {
    return new EtcdRecord(this.#context, instance);
  }

  observe(service: string, session: ObserveSession): AsyncIterable<ObservedSet> {
    return observe(this.#client, this.#layout, service, session);
  }

  observeAll(session: ObserveSession): AsyncIterable<ObservedSet> {
    return observe(this.#client, this.#layout, undefined, session);
  }

  async close(): Promise<void> {
    this.#client.close();
  }
}
