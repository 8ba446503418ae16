import { setTimeout as sleep } from 'node:timers/promises';
import { addressOf, defineInstance } from '@rollcall/discovery';
import { expect } from 'vitest';
import {
  consulOf,
  consulOnly,
  needsRegistering,
  oneHeartbeat,
  oneSecond,
  type RegistryScenario,
} from './registry-scenario.js';

export const registrations: readonly RegistryScenario[] = [
  {
    name: 'lease revoked (file: last heartbeat an hour ago; Consul: check removed): the instance registers again',
    recoveryMs: oneHeartbeat,
    notFor: needsRegistering,
    async run(run) {
      const { instances } = await run.provider(1);
      await run.observer();
      await run.environment.operator.loseLease(instances[0]!);
      return run.recovered();
    },
  },
  {
    name: 'record deleted by an operator: the instance registers again',
    recoveryMs: oneSecond,
    notFor: needsRegistering,
    async run(run) {
      const { instances, states } = await run.provider(2);
      const observer = await run.observer();
      states.length = 0;
      await run.environment.operator.deleteRecord(instances[0]!);
      await run.until('the loss to be noticed', () => states.some(({ status }) => status === 'lost'));
      const tookMs = await run.recovered();
      expect(observer.lowest).toBeGreaterThanOrEqual(1);
      return tookMs;
    },
  },
  {
    name: 'all records deleted by an operator: the shrink guard keeps the list, all instances register again',
    recoveryMs: oneSecond,
    async run(run) {
      await run.provider(5);
      const observer = await run.observer();
      await run.environment.operator.deleteAll(run.service);
      const tookMs = await run.recovered();
      run.expectNeverBelow(5, observer);
      return tookMs;
    },
  },
  {
    name: 'record overwritten by another owner: CONFLICT is reported, the first owner takes it back',
    recoveryMs: oneHeartbeat,
    notFor: needsRegistering,
    async run(run) {
      const { instances, states } = await run.provider(1);
      await run.observer();
      await run.environment.operator.overwrite(
        defineInstance({ ...instances[0]!, port: 9, registeredAt: Date.now() }),
      );
      await run.until('the conflict to be reported', () =>
        states.some((state) => 'lastError' in state && state.lastError?.code === 'CONFLICT'),
      );
      return run.recovered();
    },
  },
  {
    name: 'second instance with the same id: it is rejected with CONFLICT, the first one keeps the record',
    notFor: needsRegistering,
    async run(run) {
      const { instances } = await run.provider(1);
      const observer = await run.observer();
      const addresses = new Set<string>();
      observer.watch.onChange((state) => {
        for (const instance of state.instances) addresses.add(addressOf(instance));
      });
      const { registry } = await run.connect();
      const { id, service, host } = instances[0]!;
      const second = registry.register({ id, service, host, port: 9 });
      await run.until('the second instance to be rejected', () => {
        const { state } = second;
        return 'lastError' in state && state.lastError?.code === 'CONFLICT';
      });
      await run.recovered({ newcomer: false });
      expect(second.state.status).toBe('registering');
      await second.close();
      await run.recovered();
      expect(addresses).not.toContain(`${host}:9`);
    },
  },
  {
    name: 'process killed (SIGKILL): removed from the list (file: in 0.5 s; others: in TTL + 1 s)',
    // etcd expires a lease up to half a second after its TTL; a list is debounced, too.
    recoveryMs: ({ kind, ttlMs }) => (kind === 'file' ? 500 : ttlMs + 1_000),
    async run(run) {
      await run.provider(2);
      const { child } = await run.providerProcess();
      const observer = await run.observer();
      const from = performance.now();
      child.signal('SIGKILL');
      await run.until(
        'the killed instance to be removed',
        () => observer.watch.current.instances.length === 2,
      );
      return performance.now() - from;
    },
  },
  {
    name: 'process paused (SIGSTOP) for longer than the TTL: removed, and back when it continues',
    recoveryMs: oneHeartbeat,
    async run(run) {
      await run.provider(2);
      const { child } = await run.providerProcess();
      const observer = await run.observer();
      child.signal('SIGSTOP');
      await run.until(
        'the paused instance to be removed',
        () => observer.watch.current.instances.length === 2,
      );
      child.signal('SIGCONT');
      return run.recovered();
    },
  },
  {
    name: 'event loop blocked for 5 s, longer than the TTL: removed, and back when it continues',
    recoveryMs: oneHeartbeat,
    async run(run) {
      await run.provider(2);
      const { child, output } = await run.providerProcess({ blockMs: 5_000 });
      const observer = await run.observer();
      child.signal('SIGUSR2');
      await run.until(
        'the blocked instance to be removed',
        () => observer.watch.current.instances.length === 2,
      );
      await run.until('the block to end', () => output.includes('unblocked'));
      return run.recovered();
    },
  },
  {
    name: 'Consul agent restarted without its state (TTL updates get 404, in 1.8 500): the list never shrinks',
    recoveryMs: oneHeartbeat,
    notFor: consulOnly,
    async run(run) {
      await run.provider();
      const observer = await run.observer();
      await consulOf(run).restartAgentWiped();
      const tookMs = await run.recovered();
      run.expectNeverBelow(3, observer);
      return tookMs;
    },
  },
  {
    name: 'nothing happens for two TTLs: the list does not change',
    async run(run) {
      await run.provider();
      const observer = await run.observer();
      let changes = 0;
      observer.watch.onChange(() => (changes += 1));
      await sleep(2 * run.environment.ttlMs);
      expect(changes).toBe(0);
      await run.recovered();
    },
  },
];
