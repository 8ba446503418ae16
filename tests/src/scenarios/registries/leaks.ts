import { setTimeout as sleep } from 'node:timers/promises';
import { until } from '@rollcall/tools';
import { expect } from 'vitest';
import type { Connection } from '../../environments/environment.js';
import { EtcdEnvironment } from '../../environments/etcd-environment.js';
import { ProcessResources } from './process-resources.js';
import type { RegistryRun } from './registry-run.js';
import { needsConnection, needsRegistering, type RegistryScenario } from './registry-scenario.js';

const many = 1_000;
/** Watches open at the same time: an agent accepts at most 200 connections from one client. */
const atOnce = 50;

type Counts = Readonly<Record<string, number>>;

/** A connection, and what this process and the registry hold because of it. */
class Usage {
  readonly connection: Connection;
  readonly resources: ProcessResources;
  readonly #environment: RegistryRun['environment'];

  private constructor(connection: Connection, resources: ProcessResources, run: RegistryRun) {
    this.connection = connection;
    this.resources = resources;
    this.#environment = run.environment;
  }

  static async start(run: RegistryRun, { watchOnly = false } = {}): Promise<Usage> {
    const resources = new ProcessResources();
    run.onCleanup(async () => resources.stop());
    const options = { lingerMs: 0, backoff: { initialMs: 1, maxMs: 5 } };
    const connection = await (watchOnly ? run.connectWatcher(options) : run.connect(options));
    return new Usage(connection, resources, run);
  }

  async counts(): Promise<Counts> {
    return {
      handles: this.resources.handles,
      timers: this.resources.timers,
      connections: this.connection.proxy?.connections ?? 0,
      ...(this.#environment instanceof EtcdEnvironment && {
        watchers: await watchersOf(this.#environment),
      }),
    };
  }

  /** Waits until no count exceeds `before`. A heartbeat under way has a few timers; a leak has hundreds. */
  async untilBackTo(before: Counts): Promise<void> {
    let now: Counts = {};
    await until(
      async () => {
        now = await this.counts();
        return Object.entries(before).every(
          ([name, count]) => now[name]! <= count + (name === 'timers' ? 4 : 0),
        );
      },
      {
        deadlineMs: 20_000,
        describe: () => `${JSON.stringify(now)} to be back to ${JSON.stringify(before)}`,
      },
    );
  }
}

/** As etcd itself counts them. Without a timeout: that would be one of the timers that are counted. */
async function watchersOf({ server: { host, port } }: EtcdEnvironment): Promise<number> {
  const response = await fetch(`http://${host}:${port}/metrics`);
  const metrics = await response.text();
  return Number(/^etcd_debugging_mvcc_watcher_total (\d+)/m.exec(metrics)?.[1]);
}

export const leaks: readonly RegistryScenario[] = [
  {
    name: `${many} watches opened and closed: nothing is left`,
    timeoutMs: 240_000,
    async run(run) {
      const usage = await Usage.start(run, { watchOnly: true });
      const watchOnce = async (service: string) => {
        const watch = usage.connection.registry.watch(service);
        await watch.ready();
        watch.close();
      };
      const round = (from: number) =>
        Promise.all(Array.from({ length: atOnce }, (_, i) => watchOnce(`goods-${from + i}`)));
      // An agent or a channel keeps what it created for the first watches: they do not count.
      await round(0);
      await until(async () => ((await usage.counts())['watchers'] ?? 0) === 0, {
        deadlineMs: 10_000,
        describe: () => 'the first watches to end',
      });
      const before = await usage.counts();
      for (let opened = 0; opened < many; opened += atOnce) await round(opened);
      await usage.untilBackTo(before);
    },
  },
  {
    name: `${many} reconnects to the registry: nothing is left`,
    timeoutMs: 240_000,
    notFor: needsConnection,
    async run(run) {
      const usage = await Usage.start(run);
      const { registry, proxy } = usage.connection;
      const watch = registry.watch('goods');
      await watch.ready();
      const registration = registry.register({ id: 'goods-1', service: 'goods', host: '192.0.2.1', port: 1 });
      await registration.registered();
      const untilSettled = () =>
        run.until(
          'the instance to be registered and listed',
          () => registration.state.status === 'registered' && watch.current.instances.length === 1,
          10_000,
        );
      const reset = async () => {
        const { sessions } = watch.why().counters;
        // Repeated until it interrupts something: between two requests of a watch there is no connection to reset.
        await until(
          () => {
            proxy?.reset();
            return watch.why().counters.sessions > sessions;
          },
          { deadlineMs: 10_000, everyMs: 25, describe: () => 'the watch to notice' },
        );
        await until(() => watch.current.source === 'live', {
          deadlineMs: 10_000,
          everyMs: 1,
          describe: () => `the watch to be live again: ${JSON.stringify(watch.why().lastError)}`,
        });
      };
      for (let i = 0; i < 20; i++) await reset();
      await untilSettled();
      await sleep(run.environment.ttlMs);
      const before = await usage.counts();
      for (let i = 0; i < many; i++) await reset();
      await untilSettled();
      await usage.untilBackTo(before);
      expect(proxy?.accepted).toBeGreaterThan(many);
    },
  },
  {
    name: 'registry handle closed: no handle, timer or socket is left',
    notFor: needsRegistering,
    async run(run) {
      const { connection, resources } = await Usage.start(run);
      await connection.close();
      // Counted from within a timer, as it is at the end.
      await sleep(1);
      const before = { handles: resources.handles, timers: resources.timers };
      const { registry, close } = await run.connect();
      const watch = registry.watch('goods');
      await registry.register({ id: 'goods-2', service: 'goods', host: '192.0.2.1', port: 2 }).registered();
      await watch.ready();
      await close();
      await until(() => resources.handles <= before.handles && resources.timers <= before.timers, {
        deadlineMs: 20_000,
        describe: () =>
          `${resources.handles} handles, ${resources.timers} timers to be ${JSON.stringify(before)}`,
      });
    },
  },
];
