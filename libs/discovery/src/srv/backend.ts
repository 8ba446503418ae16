import type { Backend, ObservedSet, ObserveSession } from '../backend/backend.js';
import { watchOnly } from '../backend/watch-only.js';
import { DiscoveryError } from '../model/errors.js';
import { addressOf, type Instance } from '../model/instance.js';
import { sameInstance } from '../model/instance-set.js';
import { childAbortController, sleep, startTimer } from '../runtime/timers.js';
import { DnsClient } from './dns-client.js';
import { lookUp, type LookupResult } from './lookup.js';
import { LookupSchedule } from './lookup-schedule.js';
import type { DnsCodec } from './message.js';
import type { SrvSettings } from './options.js';
import { lookUpServiceConfigs } from './service-config.js';
import { dnsNamesOf } from './service-names.js';

/** A lookup fails after this many times the timeout of a request. */
const lookupTimeoutFactor = 5;

export class SrvBackend implements Backend {
  readonly scheme = 'srv';
  readonly isWatchOnly = true;
  readonly location: string;
  readonly #settings: SrvSettings;
  readonly #client: DnsClient;
  readonly #schedule: LookupSchedule;
  /** Of each service, as they were last read. */
  readonly #serviceConfigs = new Map<string, string>();

  constructor(codec: DnsCodec, settings: SrvSettings) {
    this.location = `srv://${settings.servers.map(addressOf).join(',')}/${settings.names.join(',')}`;
    this.#settings = settings;
    this.#client = new DnsClient(codec, settings);
    this.#schedule = new LookupSchedule(settings.minIntervalMs);
  }

  ownRecord(): never {
    throw watchOnly(this, 'register instances');
  }

  observeAll(): never {
    throw watchOnly(this, 'list all services');
  }

  async *observe(service: string, { signal, rejected }: ObserveSession): AsyncIterable<ObservedSet> {
    const { names: templates, family, minIntervalMs, maxIntervalMs } = this.#settings;
    const names = dnsNamesOf(service, templates);
    const look = () =>
      this.#withDeadline(async (within) => {
        const [result] = await Promise.all([
          lookUp(this.#client, { service, names, family, signal: within, rejected }),
          this.#updateServiceConfigs(service, names, { signal, rejected }, within),
        ]);
        return result;
      }, signal);
    let known: readonly Instance[] = [];
    while (!signal.aborted) {
      const result = await this.#schedule.run(service, look, signal).catch((error: unknown) => {
        if (!signal.aborted) throw error;
      });
      if (!result || signal.aborted) return;
      known = withKnownObjects(result.instances, known);
      const serviceConfigs = this.#serviceConfigs.get(service);
      yield { instances: known, ...(serviceConfigs !== undefined && { serviceConfigs }) };
      await sleep(Math.min(Math.max(1_000 * result.ttl, minIntervalMs), maxIntervalMs), signal);
    }
  }

  async close(): Promise<void> {}

  /** Those that cannot be read, or not now, stay as they were: they are no reason to lose the list. */
  async #updateServiceConfigs(
    service: string,
    names: readonly string[],
    { signal, rejected }: ObserveSession,
    within: AbortSignal,
  ): Promise<void> {
    if (!this.#settings.serviceConfig) return;
    try {
      const configs = await lookUpServiceConfigs(this.#client, names, within);
      if (configs === undefined) this.#serviceConfigs.delete(service);
      else this.#serviceConfigs.set(service, configs);
    } catch (error) {
      const key = `service configs of ${service}`;
      if (!signal.aborted) rejected(key, DiscoveryError.from(error, 'INVALID_RECORD', key));
    }
  }

  async #withDeadline(
    task: (signal: AbortSignal) => Promise<LookupResult>,
    signal: AbortSignal,
  ): Promise<LookupResult> {
    const timeoutMs = lookupTimeoutFactor * this.#settings.requestTimeoutMs;
    const controller = childAbortController(signal);
    const cancel = startTimer(timeoutMs, () => {
      const message = `${this.location} did not answer within ${timeoutMs} ms`;
      controller.abort(new DiscoveryError('REGISTRY_UNAVAILABLE', message));
    });
    try {
      return await task(controller.signal);
    } finally {
      cancel();
      // Ends what the lookup no longer waits for.
      controller.abort();
      controller.dispose();
    }
  }
}

/** Unchanged instances are the same objects as before, by which the layers above find out what has changed. */
function withKnownObjects(instances: readonly Instance[], known: readonly Instance[]): readonly Instance[] {
  const byId = new Map(known.map((instance) => [instance.id, instance]));
  return instances.map((instance) => {
    const before = byId.get(instance.id);
    return before && sameInstance(before, instance) ? before : instance;
  });
}
