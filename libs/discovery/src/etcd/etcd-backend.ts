import type { Etcd3 } from 'etcd3';
import type { AnnounceSession, Backend, ObservedSet, ObserveSession } from '../backend.js';
import type { Instance } from '../instance.js';
import { announce } from './announce.js';
import { connectEtcd } from './client.js';
import { observe } from './observe.js';
import { type CheckedEtcdOptions, checkEtcdOptions, type EtcdOptions } from './options.js';

/**
 * A registry in etcd (3.4 or newer). @throws {DiscoveryError} INVALID_OPTION.
 */
export function etcdBackend(options: EtcdOptions): Backend {
  return new EtcdBackend(checkEtcdOptions(options));
}

class EtcdBackend implements Backend {
  readonly scheme = 'etcd';
  readonly location: string;
  readonly #options: CheckedEtcdOptions;
  readonly #etcd: Etcd3;

  constructor(options: CheckedEtcdOptions) {
    this.location = `etcd://${options.hosts.join(',')}${options.prefix && `/?prefix=${options.prefix}`}`;
    this.#options = options;
    this.#etcd = connectEtcd(options);
  }

  announce(instance: Instance, session: AnnounceSession): Promise<void> {
    return announce(this.#etcd, this.#options, instance, session);
  }

  observe(service: string, session: ObserveSession): AsyncIterable<ObservedSet> {
    return observe(this.#etcd, this.#options.prefix, service, session);
  }

  observeAll(session: ObserveSession): AsyncIterable<ObservedSet> {
    return observe(this.#etcd, this.#options.prefix, undefined, session);
  }

  async close(): Promise<void> {
    this.#etcd.close();
  }
}
