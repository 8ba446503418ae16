import { expect } from 'vitest';
import { needsRegistering, oneSecond, type RegistryScenario } from './registry-scenario.js';

export const records: readonly RegistryScenario[] = [
  {
    name: 'unreadable records of many sorts: each is left out alone, logged once and counted',
    notFor: needsRegistering,
    async run(run) {
      const { instances } = await run.provider(2);
      const observer = await run.observer();
      const keys = await run.environment.operator.writeUnreadableSamples(run.service);
      await run.until('all of them to be left out', () => {
        const { rejected } = observer.watch.why();
        return keys.every((key) => rejected.last.some((rejection) => rejection.key.includes(key)));
      });
      const late = await run.startObserver();
      await late.watch.ready();
      expect(late.watch.current.instances.map(({ id }) => id)).toEqual(instances.map(({ id }) => id));
      expect(observer.watch.current.instances).toHaveLength(2);
      for (const key of keys) {
        expect(
          observer.log.filter(
            (line) => line.includes('left out record') && line.includes(`${key}: INVALID_RECORD`),
          ),
        ).toHaveLength(1);
      }
      expect(observer.watch.why().rejected.count).toBeGreaterThanOrEqual(keys.length);
      run.findings.note(`${keys.length} sorts`);
    },
  },
  {
    name: '10,000 unreadable records: a new instance is listed as soon as without them',
    recoveryMs: oneSecond,
    notFor: needsRegistering,
    async run(run) {
      await run.provider(2);
      const observer = await run.observer();
      const { operator } = run.environment;
      run.onCleanup(() => operator.deleteUnreadable(run.service));
      await operator.writeUnreadable(run.service, 10_000);
      await run.until(
        'the unreadable records to be counted',
        () => observer.watch.why().rejected.count >= 10_000,
        60_000,
      );
      const newcomer = await run.startProvider(1);
      const from = performance.now();
      await newcomer.registrations[0]!.registered();
      const { id } = newcomer.instances[0]!;
      await run.until('the newcomer to be listed', () =>
        observer.watch.current.instances.some((instance) => instance.id === id),
      );
      const tookMs = performance.now() - from;
      expect(observer.watch.current.instances).toHaveLength(3);
      expect(observer.lowest).toBe(2);
      return tookMs;
    },
  },
  {
    name: 'two services, the name of one begins with the name of the other: their lists never mix',
    async run(run) {
      const { registry } = await run.connect();
      const names = [`${run.service}x`, `${run.service}x2`, `${run.service}x-2`];
      const all = names.map((service, i) =>
        registry.register({ id: `${service}-1`, service, host: '192.0.2.1', port: 20_000 + i }),
      );
      await Promise.all(all.map((registration) => registration.registered()));
      const observer = await run.connectWatcher();
      const watches = names.map((name) => observer.registry.watch(name));
      await run.until('each list to have its instance', () =>
        watches.every(({ current }) => current.instances.length > 0),
      );
      expect(watches.map(({ current }) => current.instances.map(({ port }) => port))).toEqual(
        names.map((_, i) => [20_000 + i]),
      );
    },
  },
  {
    name: 'catalog watched during an outage: services and instances appear and disappear',
    recoveryMs: oneSecond,
    notFor: { srv: 'DNS cannot list all services' },
    async run(run) {
      const { registry } = await run.connect();
      const catalog = registry.watchAll();
      const services = () =>
        catalog.current.instances
          .filter(({ service }) => service.startsWith(run.service))
          .map(({ service, id }) => `${service} ${id}`);
      const register = (name: string, port: number) => {
        const service = `${run.service}${name}`;
        return other.registry.register({ id: `${service}-1`, service, host: '192.0.2.1', port });
      };
      const other = await run.connect();
      const a = register('a', 21_001);
      const b = register('b', 21_002);
      await run.until(`both in the catalog; it has ${services().join(', ')}`, () => services().length === 2);
      await b.close();
      await run.until('the deregistered one to disappear', () => services().length === 1);
      await run.environment.kill();
      await run.until('the outage to be noticed', () => catalog.current.source === 'last-known-good');
      expect(services()).toHaveLength(1);
      await run.startRegistry();
      const from = performance.now();
      register('c', 21_003);
      await run.until(
        'the newcomer in the catalog',
        () => services().length === 2 && catalog.current.source === 'live',
        run.environment.recoveryDeadlineMs,
      );
      const tookMs = performance.now() - from;
      expect(services()).toContain(`${a.instance.service} ${a.instance.id}`);
      return tookMs;
    },
  },
];
