import type { Backend, ObservedSet, ObserveSession, OwnRecord } from '../backend/backend.js';
import { addressOf, type Instance } from '../model/instance.js';
import { AgentApi, type ConsulPackage } from './agent-api.js';
import { Connection } from './connection.js';
import type { ConsulSettings } from './options.js';
import { ConsulRecord, type RecordContext } from './own-record.js';
import { watchCatalogue, watchService } from './watch.js';

export class ConsulBackend implements Backend {
  readonly scheme = 'consul';
  readonly showsPaused = true;
  readonly location: string;
  readonly hosts: readonly string[];
  readonly #settings: ConsulSettings;
  /**
   * Records have a connection of their own, whose sockets stay open: when the process has no file descriptor left, because of
   * its watches say, a heartbeat still has one.
   */
  readonly #recordConnection: Connection;
  readonly #watchConnection: Connection;
  readonly #context: RecordContext;

  constructor(Consul: ConsulPackage, settings: ConsulSettings) {
    this.hosts = [settings.host];
    this.location = `consul://${addressOf(settings)}`;
    this.#settings = settings;
    this.#recordConnection = new Connection(settings);
    this.#watchConnection = new Connection(settings);
    const connection = this.#recordConnection;
    this.#context = { connection, agent: new AgentApi(Consul, connection), settings };
  }

  ownRecord(instance: Instance): OwnRecord {
    return new ConsulRecord(this.#context, instance);
  }

  observe(service: string, session: ObserveSession): AsyncIterable<ObservedSet> {
    return watchService(this.#watchConnection, this.#settings, service, session);
  }

  observeAll(session: ObserveSession): AsyncIterable<ObservedSet> {
    return watchCatalogue(this.#watchConnection, this.#settings, session);
  }

  async close(): Promise<void> {
    this.#recordConnection.destroy();
    this.#watchConnection.destroy();
  }
}
