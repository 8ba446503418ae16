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
import type { Arena, ConnectOptions } from './arena.js';

const program = fileURLToPath(new URL('../../dist/faults/instance-process.js', import.meta.url));

/** For what needs no cure, in ms: it happens, or it is broken. */
const soonMs = 15_000;

/** Somebody who has registered instances. */
export interface Provider {
  readonly registry: Registry;
  readonly proxy: FaultProxy | undefined;
  readonly instances: readonly Instance[];
  readonly registrations: readonly Registration[];
  /** Every state of every registration since they were registered first. */
  readonly states: RegistrationState[];
}

/** Somebody who looks, and remembers how few he saw. */
export interface Observer {
  readonly registry: Registry;
  readonly proxy: FaultProxy | undefined;
  readonly watch: Watch;
  readonly log: readonly string[];
  /** The smallest number of instances, since it saw all of them first. */
  lowest: number;
}

let trials = 0;

/** One fault in one registry: who takes part, and what must be right again in the end. */
export class Trial<A extends Arena = Arena> {
  readonly arena: A;
  readonly service = `inventory-${process.pid}-${++trials}`;
  /** More to be shown in the cell. */
  readonly notes: string[] = [];
  readonly #providers: Provider[] = [];
  readonly #observers: Observer[] = [];
  readonly #children: Instance[] = [];
  readonly #cleanups: (() => Promise<unknown>)[] = [];
  #nextPort = 30_000 + trials * 100;

  constructor(arena: A) {
    this.arena = arena;
  }

  /** Whom to expect in the list and in the registry. */
  get expected(): readonly string[] {
    return [...this.#providers.flatMap(({ instances }) => instances), ...this.#children]
      .map((instance) => `${instance.id} ${addressOf(instance)}`)
      .toSorted();
  }

  someInstance(): Instance {
    const port = this.#nextPort++;
    const id = `${this.service}-${port}`;
    return defineInstance({ id, service: this.service, host: '127.0.0.1', port, registeredAt: Date.now() });
  }

  onCleanup(task: () => Promise<unknown>): void {
    this.#cleanups.push(task);
  }

  async connect(options?: ConnectOptions) {
    const connection = await this.arena.connect(options);
    this.onCleanup(() => connection.close());
    return connection;
  }

  /** Registers `count` instances, and waits until they are. */
  async provider(count = 3, options?: ConnectOptions): Promise<Provider> {
    const provider = await this.register(count, options);
    await Promise.all(provider.registrations.map((registration) => registration.registered()));
    return provider;
  }

  /** Registers `count` instances, and does not wait. */
  async register(count: number, options?: ConnectOptions): Promise<Provider> {
    const { registry, proxy } = await this.connect(options);
    const instances = Array.from({ length: count }, () => this.someInstance());
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

  /** Looks, and waits until it sees everybody. */
  async observer(options: ConnectOptions = {}): Promise<Observer> {
    const observer = await this.look(options);
    await until(() => same(observer.watch.current, this.expected), {
      deadlineMs: soonMs,
      everyMs: 5,
      describe: () => `the observer to see ${this.expected.join(', ')}; ${seen(observer)}`,
    });
    observer.lowest = this.expected.length;
    observer.watch.onChange(({ instances }) => {
      observer.lowest = Math.min(observer.lowest, instances.length);
    });
    return observer;
  }

  /** Looks, and does not wait. */
  async look(options: ConnectOptions = {}): Promise<Observer> {
    const log: string[] = [];
    const { registry, proxy } = await this.connect({
      ...options,
      log: (_level, message) => void log.push(message),
    });
    const observer: Observer = { registry, proxy, watch: registry.watch(this.service), log, lowest: 0 };
    this.#observers.push(observer);
    return observer;
  }

  /** An instance in a process of its own, registered. */
  async child({ blockMs = 0 } = {}): Promise<{ child: TrackedProcess; said: readonly string[] }> {
    const instance = this.someInstance();
    const said: string[] = [];
    const { service, id, port } = instance;
    const child = await TrackedProcess.start({
      command: process.execPath,
      args: [program, this.arena.url(), service, id, String(port), String(blockMs)],
      onLine: (line) => said.push(line),
    });
    this.onCleanup(() => child.stop(5_000));
    await until(() => said.includes('registered'), {
      deadlineMs: soonMs,
      describe: () => `${id} to be registered; it said ${said.join(', ')}`,
    });
    this.#children.push(instance);
    return { child, said };
  }

  /** The registry again: see {@link Arena.start}. */
  async start(options?: { readonly wipe?: boolean }): Promise<void> {
    await this.arena.start(options);
    if (this.arena.startNote !== undefined) this.notes.push(this.arena.startNote);
  }

  /** Waits until the observer knows that nobody answers him; he must keep his list. Returns how long that took, in ms. */
  async blind(observer: Observer, withinMs = this.arena.silenceMs + 5_000): Promise<number> {
    const from = performance.now();
    await until(() => observer.watch.current.source === 'last-known-good', {
      deadlineMs: withinMs,
      everyMs: 5,
      describe: () => `the observer to notice; ${seen(observer)}`,
    });
    return performance.now() - from;
  }

  /** Waits until the registry itself lists no record of the service that is not lost, by the clock of its TTL. */
  async until(what: string, holds: () => boolean | Promise<boolean>, deadlineMs = soonMs): Promise<void> {
    await until(holds, { deadlineMs, everyMs: 10, describe: () => what });
  }

  /**
   * To be called in the moment of the cure. Waits until all is right: everybody is registered, the registry has exactly one
   * record of each, and all who look see them, live. Then a newcomer must be seen, too: a watch may be right and deaf.
   * Returns how long it took until all was right, in ms.
   */
  async cured({ newcomer = true } = {}): Promise<number> {
    const tookMs = await this.#right();
    if (!newcomer) return tookMs;
    await this.provider(1);
    await this.#right();
    return tookMs;
  }

  async #right(): Promise<number> {
    const from = performance.now();
    let records: readonly string[] = [];
    await until(
      async () => {
        const registered = this.#providers.every(({ registrations }) =>
          registrations.every(({ state }) => state.status === 'registered'),
        );
        const listed = this.#observers.every(({ watch }) => same(watch.current, this.expected));
        if (!registered || !listed) return false;
        records = await this.arena.operator.records(this.service).catch((error: unknown) => [String(error)]);
        return records.join() === this.expected.join();
      },
      {
        deadlineMs: this.arena.patienceMs,
        everyMs: 10,
        describe: () =>
          [
            `all to be right with ${this.expected.join(', ')}`,
            `records: ${records.join(', ')}`,
            ...this.#providers.flatMap(({ registrations }) =>
              registrations.map(({ state }) => JSON.stringify(state)),
            ),
            ...this.#observers.map(seen),
          ].join('\n  '),
      },
    );
    return performance.now() - from;
  }

  /** What is missing is not believed before the living had time to come back: the list never went below `count`. */
  expectNoDip(observer: Observer, count: number): void {
    if (observer.lowest < count) throw new Error(`the list went down to ${observer.lowest} of ${count}`);
  }

  async end(): Promise<void> {
    await this.arena.heal();
    // What was opened last goes first.
    for (const task of this.#cleanups.splice(0).toReversed()) await task();
  }
}

/** Live, complete, and with nobody held. */
function same({ source, instances, held }: MembershipState, expected: readonly string[]): boolean {
  const listed = instances.map((instance) => `${instance.id} ${addressOf(instance)}`);
  return source === 'live' && held.length === 0 && listed.join() === expected.join();
}

function seen({ watch }: Observer): string {
  const { source, instances, held, lastError } = watch.current;
  const ids = instances.map(({ id }) => id).join(', ');
  return `it sees (${source}) ${ids || 'nobody'}; held ${held.length}; ${lastError?.message ?? 'no error'}`;
}
