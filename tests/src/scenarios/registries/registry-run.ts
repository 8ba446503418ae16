import { fileURLToPath } from 'node:url';
import {
  addressOf,
  defineInstance,
  type Instance,
  type MembershipState,
  type Registration,
  type RegistrationState,
  type Registry,
  type Watch,
} from '@rollcall/discovery';
import type { FaultProxy } from '@rollcall/discovery/testing';
import { TrackedProcess, until } from '@rollcall/tools';
import type { DnsProxy } from '../../environments/dns-proxy.js';
import type { ConnectOptions } from '../../environments/environment.js';
import type { NetworkFaults } from '../../environments/network-faults.js';
import { ScenarioRun } from '../scenario.js';

const instanceProgram = fileURLToPath(
  new URL('../../../dist/environments/instance-main.js', import.meta.url),
);

/** For conditions that need no recovery, in ms: they come soon, or never. */
const soonMs = 15_000;

/** Instances that are registered through one registry handle. */
export interface Provider {
  readonly registry: Registry;
  readonly proxy: FaultProxy | undefined;
  readonly instances: readonly Instance[];
  readonly registrations: readonly Registration[];
  /** Every state of every registration, from the first on. */
  readonly states: RegistrationState[];
}

/** A watch of the service through a registry handle of its own. */
export interface Observer {
  readonly registry: Registry;
  readonly proxy: FaultProxy | undefined;
  readonly dns: DnsProxy | undefined;
  /** Either of them. */
  readonly network: NetworkFaults | undefined;
  readonly watch: Watch;
  readonly log: readonly string[];
  /** The smallest number of instances it listed since it listed all of them. */
  lowest: number;
}

/** One scenario on one registry: its providers and observers, and the check that all of them have recovered. */
export class RegistryRun extends ScenarioRun {
  readonly #providers: Provider[] = [];
  readonly #observers: Observer[] = [];
  readonly #processes: Instance[] = [];
  #nextPort = 30_000 + this.number * 100;

  /** `id host:port` of every instance that must be listed and recorded. */
  get expected(): readonly string[] {
    return [...this.#providers.flatMap(({ instances }) => instances), ...this.#processes]
      .map(describe)
      .toSorted();
  }

  newInstance(): Instance {
    const port = this.#nextPort++;
    const host = '127.0.0.1';
    // DNS has no ids: the address stands for it.
    const id = this.environment.kind === 'srv' ? `${host}:${port}` : `${this.service}-${port}`;
    return defineInstance({ id, service: this.service, host, port, registeredAt: Date.now() });
  }

  async connect(options?: ConnectOptions) {
    const connection = await this.environment.connect(options);
    this.onCleanup(() => connection.close());
    return connection;
  }

  async connectWatcher(options?: ConnectOptions) {
    const { environment } = this;
    if (!environment.connectWatcher) return this.connect(options);
    const connection = await environment.connectWatcher(options);
    this.onCleanup(() => connection.close());
    return connection;
  }

  /** Registers `count` instances and waits until all are registered. */
  async provider(count = 3, options?: ConnectOptions): Promise<Provider> {
    const provider = await this.startProvider(count, options);
    await Promise.all(provider.registrations.map((registration) => registration.registered()));
    return provider;
  }

  /** Registers `count` instances without waiting. */
  async startProvider(count: number, options?: ConnectOptions): Promise<Provider> {
    const { registry, proxy } = await this.connect(options);
    const instances = Array.from({ length: count }, () => this.newInstance());
    const states: RegistrationState[] = [];
    const registrations = instances.map((instance) => {
      const registration = registry.register(instance);
      registration.on('change', (state) => states.push(state));
      return registration;
    });
    const provider = { registry, proxy, instances, registrations, states };
    this.#providers.push(provider);
    return provider;
  }

  /** Registers an instance in a process of its own. SIGUSR2 blocks its event loop for `blockMs`. */
  async providerProcess({ blockMs = 0 } = {}): Promise<{ child: TrackedProcess; output: readonly string[] }> {
    const instance = this.newInstance();
    const output: string[] = [];
    const { service, id, port } = instance;
    const child = await TrackedProcess.start({
      command: process.execPath,
      args: [instanceProgram, this.environment.url(), service, id, String(port), String(blockMs)],
      onLine: (line) => output.push(line),
    });
    this.onCleanup(() => child.stop(5_000));
    await until(() => output.includes('registered'), {
      deadlineMs: soonMs,
      describe: () => `${id} to be registered; its output: ${output.join(', ')}`,
    });
    this.#processes.push(instance);
    return { child, output };
  }

  /** Watches the service and waits until every expected instance is listed. */
  async observer(options: ConnectOptions = {}): Promise<Observer> {
    const observer = await this.startObserver(options);
    await until(() => isExactly(observer.watch.current, this.expected), {
      deadlineMs: soonMs,
      everyMs: 5,
      describe: () => `the observer to list ${this.expected.join(', ')}; ${listedBy(observer)}`,
    });
    observer.lowest = this.expected.length;
    observer.watch.onChange(({ instances }) => {
      observer.lowest = Math.min(observer.lowest, instances.length);
    });
    return observer;
  }

  /** Watches the service without waiting. */
  async startObserver(options: ConnectOptions = {}): Promise<Observer> {
    const log: string[] = [];
    const { registry, proxy, dns } = await this.connectWatcher({
      ...options,
      log: (_level, message) => void log.push(message),
    });
    const watch = registry.watch(this.service);
    const observer: Observer = { registry, proxy, dns, network: proxy ?? dns, watch, log, lowest: 0 };
    this.#observers.push(observer);
    return observer;
  }

  /** Starts a killed registry; the report gets the note of its environment. */
  async startRegistry(options?: { readonly wipe?: boolean }): Promise<void> {
    await this.environment.start(options);
    const { startNote } = this.environment;
    if (startNote !== undefined) this.findings.note(startNote);
  }

  /** Waits until the observer marks its list as last known good. Returns how long that took, in ms. */
  async untilNoticed(observer: Observer): Promise<number> {
    const from = performance.now();
    await until(() => observer.watch.current.source === 'last-known-good', {
      deadlineMs: this.environment.noticeWithinMs + 5_000,
      everyMs: 5,
      describe: () => `the observer to notice the outage; ${listedBy(observer)}`,
    });
    return performance.now() - from;
  }

  /** `what` names the condition in the error. */
  async until(what: string, condition: () => boolean | Promise<boolean>, deadlineMs = soonMs): Promise<void> {
    await until(condition, { deadlineMs, everyMs: 10, describe: () => what });
  }

  /**
   * Call it at the moment when the fault ends. Waits until every instance is registered, the registry has exactly one record
   * of each, and every observer lists them as live. Then an instance that registers now must be listed, too: a list may be
   * right although its watch is dead. Returns how long the first part took, in ms.
   */
  async recovered({ newcomer = true } = {}): Promise<number> {
    const tookMs = await this.#untilRecovered();
    if (!newcomer) return tookMs;
    await this.provider(1);
    await this.#untilRecovered();
    return tookMs;
  }

  async #untilRecovered(): Promise<number> {
    const from = performance.now();
    let records: readonly string[] = [];
    await until(
      async () => {
        const registered = this.#providers.every(({ registrations }) =>
          registrations.every(({ state }) => state.status === 'registered'),
        );
        const listed = this.#observers.every(({ watch }) => isExactly(watch.current, this.expected));
        if (!registered || !listed) return false;
        const { operator } = this.environment;
        records = await operator.records(this.service).catch((error: unknown) => [String(error)]);
        return records.join() === this.expected.join();
      },
      {
        deadlineMs: this.environment.recoveryDeadlineMs,
        everyMs: 10,
        describe: () =>
          [
            `recovery with ${this.expected.join(', ')}`,
            `records: ${records.join(', ')}`,
            ...this.#providers.flatMap(({ registrations }) =>
              registrations.map(({ state }) => JSON.stringify(state)),
            ),
            ...this.#observers.map(listedBy),
          ].join('\n  '),
      },
    );
    return performance.now() - from;
  }

  /** The list never went below `count` instances. */
  expectNeverBelow(count: number, observer: Observer): void {
    if (observer.lowest < count) throw new Error(`the list went down to ${observer.lowest} of ${count}`);
  }
}

function describe(instance: Instance): string {
  return `${instance.id} ${addressOf(instance)}`;
}

/** Live, complete, and with no instance held by the shrink guard. */
function isExactly({ source, instances, held }: MembershipState, expected: readonly string[]): boolean {
  return source === 'live' && held.length === 0 && instances.map(describe).join() === expected.join();
}

function listedBy({ watch }: Observer): string {
  const { source, instances, held, lastError } = watch.current;
  const ids = instances.map(({ id }) => id).join(', ');
  return `it lists (${source}) ${ids || 'none'}; held ${held.length}; ${lastError?.message ?? 'no error'}`;
}
