import type { Backend, ObservedSet, ObserveSession, OwnRecord } from '../backend/backend.js';
import { DiscoveryError } from '../model/errors.js';
import type { Instance } from '../model/instance.js';
import { EtcdClient } from './client.js';
import { Layout } from './layout.js';
import { listAndWatch } from './list-and-watch.js';
import type { Etcd3Package } from './endpoint.js';
import type { EtcdSettings } from './options.js';
import { EtcdRecord, type RecordContext } from './own-record.js';
import { Ownership } from './ownership.js';

export class EtcdBackend implements Backend {
  readonly scheme = 'etcd';
  readonly location: string;
  readonly hosts: readonly string[];
  readonly #client: EtcdClient;
  readonly #layout: Layout;
  readonly #context: RecordContext;

  constructor(etcd3: Etcd3Package, settings: EtcdSettings) {
    const { hosts, prefix, format, keyedBy, ttlMs } = settings;
    this.hosts = hosts.map((host) => host.replace(/:\d+$/, '').replace(/^\[|\]$/g, ''));
    this.location = `etcd://${hosts.join(',')}${prefix === format.prefix ? '' : `/?prefix=${prefix}`}`;
    this.#client = new EtcdClient(etcd3, settings);
    this.#layout = new Layout(format, prefix, keyedBy);
    this.#context = { client: this.#client, layout: this.#layout, ownership: new Ownership(), ttlMs };
  }

  ownRecord(instance: Instance): OwnRecord {
    return new EtcdRecord(this.#context, instance);
  }

  observe(service: string, session: ObserveSession): AsyncIterable<ObservedSet> {
    return this.#observe(service, session);
  }

  observeAll(session: ObserveSession): AsyncIterable<ObservedSet> {
    return this.#observe(undefined, session);
  }

  async close(): Promise<void> {
    this.#client.close();
  }

  /** Parses only the records that change. */
  async *#observe(
    service: string | undefined,
    { signal, rejected }: ObserveSession,
  ): AsyncGenerator<ObservedSet, void> {
    const instances = new Map<string, Instance>();
    const range = this.#layout.rangeOf(service);
    try {
      for await (const { changes, revision, complete } of listAndWatch(this.#client, range, signal)) {
        for (const { key, kv } of changes) {
          let instance: Instance | undefined;
          try {
            instance = kv && this.#layout.read(key, kv.value);
          } catch (error) {
            rejected(key, DiscoveryError.from(error, 'INVALID_RECORD', key));
          }
          // A changed one keeps its place.
          if (instance) instances.set(key, instance);
          else instances.delete(key);
        }
        if (complete) yield { instances: [...instances.values()], revision: String(revision) };
        if (signal.aborted) return;
      }
    } catch (error) {
      if (!signal.aborted) throw error;
    }
  }
}
