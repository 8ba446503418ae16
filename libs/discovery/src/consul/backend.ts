import type { AnnounceSession, Backend, ObservedSet, ObserveSession } from '../backend/backend.js';
import { addressOf, type Instance } from '../model/instance.js';
import { AgentApi } from './agent-api.js';
import { announce } from './announce.js';
import { Connection } from './connection.js';
import { type ConsulOptions, type ConsulSettings, consulSettings } from './options.js';
import { watchCatalogue, watchService } from './watch.js';

/**
 * A registry in Consul 1.8 or newer, through the agent of this host.
 * @throws {DiscoveryError} INVALID_OPTION.
 */
export function consulBackend(options: ConsulOptions = {}): Backend {
  return new ConsulBackend(consulSettings(options));
}

class ConsulBackend implements Backend {
  readonly scheme = 'consul';
  readonly location: string;
  readonly #settings: ConsulSettings;
  readonly #connection: Connection;
  readonly #agent: AgentApi;

  constructor(settings: ConsulSettings) {
    this.location = `consul://${addressOf(settings)}`;
    this.#settings = settings;
    this.#connection = new Connection(settings);
    this.#agent = new AgentApi(this.#connection);
  }

  announce(instance: Instance, session: AnnounceSession): Promise<void> {
    const announcer = { connection: this.#connection, agent: this.#agent, settings: this.#settings };
    return announce(announcer, instance, session);
  }

  showPaused(instance: Instance, signal: AbortSignal): Promise<void> {
    return this.announce({ ...instance, draining: true }, { signal, registered: () => {} });
  }

  observe(service: string, session: ObserveSession): AsyncIterable<ObservedSet> {
    return watchService(this.#connection, this.#settings, service, session);
  }

  observeAll(session: ObserveSession): AsyncIterable<ObservedSet> {
    return watchCatalogue(this.#connection, this.#settings, session);
  }

  async close(): Promise<void> {
    this.#connection.destroy();
  }
}
