import { setTimeout as sleep } from 'node:timers/promises';
import { advertisedAddress, openRegistry, parseRegistryUrl } from '@rollcall/discovery';
import { FaultProxy } from '@rollcall/discovery/testing';
import { freePort, until } from '@rollcall/tools';
import { ScenarioRun } from '../scenario.js';
import { CallFindings } from './call-findings.js';
import type { CallerConfig } from './caller-main.js';
import { Caller } from './caller.js';
import { GoInstance } from './go-instance.js';
import { ServiceInstance } from './instance.js';
import { linkTo, type RegistryLink } from './registry-link.js';
import type { Protocol } from './service-calls.js';

/** The TTL of instances, in ms. */
const ttlMs = 10_000;
/** How many processes start at the same time: more than cores, few enough to make progress. */
const atOnce = 5;

export type CallerSettings = Omit<CallerConfig, 'registryUrl' | 'service' | 'protocol'>;

/** An instance that is called through a proxy. */
export interface ProxiedInstance {
  readonly instance: ServiceInstance;
  readonly proxy: FaultProxy;
}

/** One scenario on one registry: its instances, its callers, and what they measured. */
export class CallRun extends ScenarioRun {
  override readonly findings = new CallFindings();
  readonly #callers: Caller[] = [];
  #instances = 0;
  #protocol: Protocol = 'grpc';

  /** From now on instances and callers speak `protocol`. Default gRPC. */
  over(protocol: Protocol): this {
    this.#protocol = protocol;
    return this;
  }

  /** A route to the registry that can be cut. */
  async link(): Promise<RegistryLink> {
    const link = await linkTo(this.environment.url(ttlMs));
    this.onCleanup(() => link.close());
    return link;
  }

  /** Starts instances that neither listen nor register. Callers pause meanwhile: starting takes a whole core. */
  async standby(count: number, registryUrl = this.environment.url(ttlMs)): Promise<ServiceInstance[]> {
    const host = await this.#host();
    await Promise.all(this.#callers.map((caller) => caller.pause()));
    const ready: ServiceInstance[] = [];
    while (ready.length < count) {
      const batch = Array.from({ length: Math.min(atOnce, count - ready.length) }, async () => {
        const id = `${this.service}-${++this.#instances}`;
        const instance = await ServiceInstance.start({
          registryUrl,
          service: this.service,
          id,
          host,
          protocol: this.#protocol,
        });
        this.onCleanup(() => instance.kill());
        return instance;
      });
      ready.push(...(await Promise.all(batch)));
    }
    await Promise.all(this.#callers.map((caller) => caller.resume()));
    return ready;
  }

  /** Starts instances that serve and are registered. */
  async instances(count = 3): Promise<ServiceInstance[]> {
    const instances = await this.standby(count);
    await Promise.all(instances.map((instance) => instance.serve()));
    return instances;
  }

  /** Starts instances that serve, each behind a proxy at whose address it is registered. */
  async proxied(count = 3): Promise<ProxiedInstance[]> {
    const instances = await Promise.all((await this.standby(count)).map((one) => this.behindProxy(one)));
    await Promise.all(instances.map(({ instance, proxy }) => instance.register(proxy.port)));
    return instances;
  }

  /** A proxy in front of an instance that listens, but is not registered yet. */
  async behindProxy(instance: ServiceInstance): Promise<ProxiedInstance> {
    const host = await this.#host();
    await instance.listen();
    const proxy = await FaultProxy.start({ host, port: instance.port }, { host, port: await freePort() });
    this.onCleanup(() => proxy.close());
    return { instance, proxy };
  }

  /** Starts an instance that grpc-go serves, registered at the address of the proxy in front of it. */
  async goInstance(): Promise<{ readonly instance: GoInstance; readonly proxy: FaultProxy }> {
    const host = await this.#host();
    const id = `${this.service}-${++this.#instances}`;
    const instance = await GoInstance.start(host, id);
    this.onCleanup(() => instance.kill());
    const proxy = await FaultProxy.start({ host, port: instance.port }, { host, port: await freePort() });
    this.onCleanup(() => proxy.close());
    const registry = await openRegistry(this.environment.url(ttlMs));
    this.onCleanup(() => registry.close());
    await registry.register({ id, service: this.service, host, port: proxy.port }).registered();
    return { instance, proxy };
  }

  /** Starts a caller of the service. Resolves when each of `instances` has responded to it. */
  async caller(
    instances: readonly { readonly id: string }[],
    config: CallerSettings = {},
    env?: NodeJS.ProcessEnv,
  ): Promise<Caller> {
    const caller = await this.idleCaller(config, env);
    this.#callers.push(caller);
    await caller.resume();
    await caller.untilResponsesOf(instances);
    // The first thousands of calls of a process run code that is not optimized yet: they are not measured.
    await sleep(500);
    await caller.nextWindow();
    return caller;
  }

  /** Starts a caller that has not made a call yet. */
  async idleCaller(config: CallerSettings = {}, env?: NodeJS.ProcessEnv): Promise<Caller> {
    const { service, findings } = this;
    const protocol = this.#protocol;
    const registryUrl = this.environment.url(ttlMs);
    const caller = await Caller.start({ registryUrl, service, protocol, ...config }, findings, env);
    this.onCleanup(() => caller.kill());
    return caller;
  }

  /** Waits until the registry itself has `count` records of the service. */
  async untilRecords(count: number): Promise<void> {
    let records: readonly string[] = [];
    await until(
      async () => {
        records = await this.environment.operator.records(this.service);
        return records.length === count;
      },
      {
        deadlineMs: 30_000,
        everyMs: 10,
        describe: () => `${count} records; there are ${records.join(', ')}`,
      },
    );
  }

  /** The address of this machine for callers that find it in this registry. */
  async #host(): Promise<string> {
    const [registry] = parseRegistryUrl(this.environment.url(ttlMs)).hosts;
    return advertisedAddress({ registryHost: registry?.host });
  }
}
