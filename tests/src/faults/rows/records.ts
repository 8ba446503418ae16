import { expect } from 'vitest';
import { aSecond, type Fault } from '../fault.js';

export const records: readonly Fault[] = [
  {
    name: 'garbage among the records: each is left out alone, with one log line and a count',
    async run(trial) {
      const { instances } = await trial.provider(2);
      const observer = await trial.observer();
      const keys = await trial.arena.operator.writeGarbage(trial.service);
      await trial.until('all of it to be left out', () => {
        const { rejected } = observer.watch.why();
        return keys.every((key) => rejected.last.some((row) => row.key.includes(key)));
      });
      const late = await trial.look();
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
      trial.notes.push(`${keys.length} kinds`);
      return undefined;
    },
  },
  {
    name: '10,000 junk keys among the records: a newcomer is seen as before',
    boundMs: aSecond,
    async run(trial) {
      await trial.provider(2);
      const observer = await trial.observer();
      const { operator } = trial.arena;
      trial.onCleanup(() => operator.removeJunk(trial.service));
      await operator.writeJunk(trial.service, 10_000);
      await trial.until(
        'the junk to be counted',
        () => observer.watch.why().rejected.count >= 10_000,
        60_000,
      );
      const newcomer = await trial.register(1);
      const from = performance.now();
      await newcomer.registrations[0]!.registered();
      const { id } = newcomer.instances[0]!;
      await trial.until('the newcomer to be seen', () =>
        observer.watch.current.instances.some((instance) => instance.id === id),
      );
      const tookMs = performance.now() - from;
      expect(observer.watch.current.instances).toHaveLength(3);
      expect(observer.lowest).toBe(2);
      return tookMs;
    },
  },
  {
    name: 'a service whose name begins with the name of another: the two never mix',
    async run(trial) {
      const { registry } = await trial.connect();
      const names = [`${trial.service}x`, `${trial.service}x2`, `${trial.service}x-2`];
      const all = names.map((service, i) =>
        registry.register({ id: `${service}-1`, service, host: '127.0.0.1', port: 20_000 + i }),
      );
      await Promise.all(all.map((registration) => registration.registered()));
      const observer = await trial.connect();
      const watches = names.map((name) => observer.registry.watch(name));
      await trial.until('each to see its own', () =>
        watches.every(({ current }) => current.instances.length > 0),
      );
      expect(watches.map(({ current }) => current.instances.map(({ id }) => id))).toEqual(
        names.map((name) => [`${name}-1`]),
      );
      return undefined;
    },
  },
  {
    name: 'catalogue: services and instances come and go, also over an outage',
    boundMs: aSecond,
    async run(trial) {
      const { registry } = await trial.connect();
      const catalogue = registry.watchAll();
      const services = () =>
        catalogue.current.instances
          .filter(({ service }) => service.startsWith(trial.service))
          .map(({ service, id }) => `${service} ${id}`);
      const register = (name: string, port: number) => {
        const service = `${trial.service}${name}`;
        return other.registry.register({ id: `${service}-1`, service, host: '127.0.0.1', port });
      };
      const other = await trial.connect();
      const a = register('a', 21_001);
      const b = register('b', 21_002);
      await trial.until(
        `both in the catalogue; it has ${services().join(', ')}`,
        () => services().length === 2,
      );
      await b.close();
      await trial.until('the one that left to be gone', () => services().length === 1);
      await trial.arena.kill();
      await trial.until('the outage to be noticed', () => catalogue.current.source === 'last-known-good');
      expect(services()).toHaveLength(1);
      await trial.start();
      const from = performance.now();
      register('c', 21_003);
      await trial.until(
        'the newcomer in the catalogue',
        () => services().length === 2 && catalogue.current.source === 'live',
        trial.arena.patienceMs,
      );
      const tookMs = performance.now() - from;
      expect(services()).toContain(`${a.instance.service} ${a.instance.id}`);
      return tookMs;
    },
  },
];
