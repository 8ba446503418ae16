import { setTimeout as lasts } from 'node:timers/promises';
import { addressOf } from '@rollcall/discovery';
import { expect } from 'vitest';
import { aBeat, aSecond, consulOf, type Fault, onlyConsul } from '../fault.js';

export const registrations: readonly Fault[] = [
  {
    name: 'lease revoked (file: touched an hour ago; Consul: check removed)',
    boundMs: aBeat,
    async run(trial) {
      const { instances } = await trial.provider(1);
      await trial.observer();
      await trial.arena.operator.loseLease(instances[0]!);
      return trial.cured();
    },
  },
  {
    name: 'own record deleted by an operator',
    boundMs: aSecond,
    async run(trial) {
      const { instances, states } = await trial.provider(2);
      const observer = await trial.observer();
      states.length = 0;
      await trial.arena.operator.deleteRecord(instances[0]!);
      await trial.until('the loss to be noticed', () => states.some(({ status }) => status === 'lost'));
      const tookMs = await trial.cured();
      expect(observer.lowest).toBeGreaterThanOrEqual(1);
      return tookMs;
    },
  },
  {
    name: 'all records deleted by mistake: the guard holds the list, all are back',
    boundMs: aSecond,
    async run(trial) {
      await trial.provider(5);
      const observer = await trial.observer();
      await trial.arena.operator.deleteAll(trial.service);
      const tookMs = await trial.cured();
      trial.expectNoDip(observer, 5);
      return tookMs;
    },
  },
  {
    name: 'own record overwritten by another owner: CONFLICT, the first owner takes it back',
    boundMs: aBeat,
    async run(trial) {
      const { instances, states } = await trial.provider(1);
      await trial.observer();
      await trial.arena.operator.overwrite(instances[0]!, 9);
      await trial.until('the conflict to be reported', () =>
        states.some((state) => 'lastError' in state && state.lastError?.code === 'CONFLICT'),
      );
      return trial.cured();
    },
  },
  {
    name: 'a second instance with the same id: CONFLICT, the first one keeps it',
    async run(trial) {
      const { instances } = await trial.provider(1);
      const observer = await trial.observer();
      const addresses = new Set<string>();
      observer.watch.onChange((state) => {
        for (const instance of state.instances) addresses.add(addressOf(instance));
      });
      const { registry } = await trial.connect();
      const { id, service, host } = instances[0]!;
      const rival = registry.register({ id, service, host, port: 9 });
      await trial.until('the rival to be refused', () => {
        const { state } = rival;
        return 'lastError' in state && state.lastError?.code === 'CONFLICT';
      });
      await trial.cured({ newcomer: false });
      expect(rival.state.status).toBe('registering');
      await rival.close();
      await trial.cured();
      expect(addresses).not.toContain(`${host}:9`);
      return undefined;
    },
  },
  {
    name: 'process killed (kill -9): out of the list (file: in 0.5 s; others: TTL and 1 s)',
    // etcd takes up to half a second more than the TTL, and a list needs its time to settle.
    boundMs: ({ kind, ttlMs }) => (kind === 'file' ? 500 : ttlMs + 1_000),
    async run(trial) {
      await trial.provider(2);
      const { child } = await trial.child();
      const observer = await trial.observer();
      const from = performance.now();
      child.signal('SIGKILL');
      await trial.until('the killed one to be gone', () => observer.watch.current.instances.length === 2);
      return performance.now() - from;
    },
  },
  {
    name: 'process paused (SIGSTOP) longer than the TTL',
    boundMs: aBeat,
    async run(trial) {
      await trial.provider(2);
      const { child } = await trial.child();
      const observer = await trial.observer();
      child.signal('SIGSTOP');
      await trial.until('the paused one to be missed', () => observer.watch.current.instances.length === 2);
      child.signal('SIGCONT');
      return trial.cured();
    },
  },
  {
    name: 'event loop blocked for 5 s, longer than the TTL',
    boundMs: aBeat,
    async run(trial) {
      await trial.provider(2);
      const { child, said } = await trial.child({ blockMs: 5_000 });
      const observer = await trial.observer();
      child.signal('SIGUSR2');
      await trial.until('the blocked one to be missed', () => observer.watch.current.instances.length === 2);
      await trial.until('the block to end', () => said.includes('unblocked'));
      return trial.cured();
    },
  },
  {
    name: 'Consul agent restarted without its state: 404 (1.8: 500) to the TTL pass',
    boundMs: aBeat,
    notFor: onlyConsul,
    async run(trial) {
      await trial.provider();
      const observer = await trial.observer();
      await consulOf(trial).restartAgentWiped();
      const tookMs = await trial.cured();
      trial.expectNoDip(observer, 3);
      return tookMs;
    },
  },
  {
    name: 'nobody does anything: no record is written twice, the list does not move',
    async run(trial) {
      await trial.provider();
      const observer = await trial.observer();
      let changes = 0;
      observer.watch.onChange(() => (changes += 1));
      await lasts(2 * trial.arena.ttlMs);
      expect(changes).toBe(0);
      await trial.cured();
      return undefined;
    },
  },
];
