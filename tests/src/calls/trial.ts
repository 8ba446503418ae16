import { setTimeout as sleep } from 'node:timers/promises';
import { advertisedAddress, parseRegistryUrl } from '@rollcall/discovery';
import { until } from '@rollcall/tools';
import type { Arena } from '../faults/arena.js';
import { Caller } from './caller.js';
import type { CallerConfig } from './caller-process.js';
import { Findings } from './findings.js';
import { Instance } from './instance.js';
import { type Link, linkTo } from './link.js';

/** The TTL that instances have where nobody says otherwise, in ms. */
const ttlMs = 10_000;
/** How many processes are started at once: more than cores, fewer than would starve each other. */
const abreast = 5;

let trials = 0;

/** One row in one registry: the instances, the caller, and what was seen. */
export class Trial {
  readonly arena: Arena;
  readonly service = `calls-${process.pid}-${++trials}`;
  readonly findings = new Findings();
  readonly #cleanups: (() => Promise<unknown>)[] = [];
  readonly #callers: Caller[] = [];
  #instances = 0;

  constructor(arena: Arena) {
    this.arena = arena;
  }

  onCleanup(task: () => Promise<unknown>): void {
    this.#cleanups.push(task);
  }

  /** A way to the registry that can be cut. */
  async link(): Promise<Link> {
    const link = await linkTo(this.arena.url(ttlMs));
    this.onCleanup(() => link.close());
    return link;
  }

  /** Instances that neither listen nor are registered. The callers rest meanwhile: a start takes a whole core. */
  async standBy(count: number, registryUrl = this.arena.url(ttlMs)): Promise<Instance[]> {
    const host = await this.#host();
    await Promise.all(this.#callers.map((caller) => caller.pause()));
    const ready: Instance[] = [];
    while (ready.length < count) {
      const some = Array.from({ length: Math.min(abreast, count - ready.length) }, async () => {
        const id = `${this.service}-${++this.#instances}`;
        const instance = await Instance.standBy({ registryUrl, service: this.service, id, host });
        this.onCleanup(() => instance.kill());
        return instance;
      });
      ready.push(...(await Promise.all(some)));
    }
    await Promise.all(this.#callers.map((caller) => caller.resume()));
    return ready;
  }

  /** Instances that are registered. */
  async instances(count = 3): Promise<Instance[]> {
    const instances = await this.standBy(count);
    await Promise.all(instances.map((instance) => instance.serve()));
    return instances;
  }

  /** A caller of this service with its calls in flight, once each of `instances` has answered it. */
  async caller(
    instances: readonly Instance[],
    config: Omit<CallerConfig, 'registryUrl' | 'service'> = {},
    env?: NodeJS.ProcessEnv,
  ): Promise<Caller> {
    const { service, findings } = this;
    const registryUrl = this.arena.url(ttlMs);
    const caller = await Caller.start({ registryUrl, service, ...config }, findings, env);
    this.onCleanup(() => caller.kill());
    this.#callers.push(caller);
    await caller.hears(instances);
    // The code of a fresh process runs slowly for its first thousands of calls; that is none of the events.
    await sleep(500);
    await caller.seen();
    return caller;
  }

  /** Waits until the registry itself has so many records of the service. */
  async untilRecords(count: number): Promise<void> {
    let records: readonly string[] = [];
    await until(
      async () => {
        records = await this.arena.operator.records(this.service);
        return records.length === count;
      },
      {
        deadlineMs: 30_000,
        everyMs: 10,
        describe: () => `${count} records; there are ${records.join(', ')}`,
      },
    );
  }

  async close(): Promise<void> {
    for (const task of this.#cleanups.splice(0).toReversed()) await task();
    await this.arena.heal();
  }

  /** Where callers reach this machine that read a registry which may be on another one. */
  async #host(): Promise<string> {
    const [registry] = parseRegistryUrl(this.arena.url(ttlMs)).hosts;
    return advertisedAddress({ registryHost: registry?.host });
  }
}
