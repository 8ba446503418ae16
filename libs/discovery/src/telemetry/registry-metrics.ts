import type { Attributes, BatchObservableResult, Meter } from '@opentelemetry/api';
import { onEvent } from '../events/on-event.js';
import { openRegistries, type RegistryStatus } from '../events/open-registries.js';
import { Observations } from './observations.js';

type Status = RegistryStatus['registrations'][number]['status'];

/** Whether a registration has a session with the registry; undefined: it needs none. */
const isOpen: Readonly<Record<Status, boolean | undefined>> = {
  registering: false,
  registered: true,
  lost: false,
  paused: undefined,
  draining: undefined,
  closed: undefined,
};

/** Metrics of the registries of this process: gauges of what is, read when metrics are collected, and failures of sessions. */
export function recordRegistries(meter: Meter): () => void {
  const registrations = meter.createObservableUpDownCounter('discovery.registrations', {
    unit: '{registration}',
    description: 'Own instances that are to be in a registry',
  });
  const sessions = meter.createObservableUpDownCounter('discovery.sessions', {
    unit: '{session}',
    description: 'Sessions with a registry, of watches and registrations',
  });
  const instances = meter.createObservableGauge('discovery.instances', {
    unit: '{instance}',
    description: 'Instances in the list of a service',
  });
  const held = meter.createObservableGauge('discovery.held', {
    unit: '{instance}',
    description: 'Instances in the list that the registry no longer lists: they disappeared together',
  });
  const age = meter.createObservableGauge('discovery.age', {
    unit: 's',
    description: 'Time since the registry last confirmed the list of a service',
  });
  const failures = meter.createCounter('discovery.session.failures', {
    unit: '{failure}',
    description: 'Sessions with a registry that were lost, or could not be opened',
  });

  const observations = new Observations();
  const observe = (result: BatchObservableResult) => {
    // Handles of one registry, as of two copies of this library, may keep the same registration or list.
    const known = new Set<string>();
    for (const status of openRegistries()) {
      const { registry } = status;
      const base = { 'discovery.registry': registry };
      for (const { service, instance, status: state } of status.registrations) {
        const open = isOpen[state];
        if (open !== undefined)
          observations.increment(sessions, sessionAttributes(base, 'registration', open));
        const key = `${registry} ${service} ${instance}`;
        if (known.has(key)) continue;
        known.add(key);
        observations.increment(registrations, {
          ...base,
          'discovery.service': service,
          'discovery.status': state,
        });
      }
      for (const list of status.lists) {
        const isLive = list.source === 'live' || list.source === 'static';
        observations.increment(sessions, sessionAttributes(base, 'watch', isLive));
        const ofService = { ...base, 'discovery.service': list.service };
        observations.set(instances, { ...ofService, 'discovery.source': list.source }, list.instances);
        observations.set(held, ofService, list.held);
        if (list.ageMs !== null) observations.set(age, ofService, list.ageMs / 1_000);
      }
    }
    observations.report(result);
  };
  const observables = [registrations, sessions, instances, held, age];
  meter.addBatchObservableCallback(observe, observables);
  const stop = onEvent('session', ({ state, of, registry }) => {
    if (state !== 'failed' && state !== 'lost') return;
    failures.add(1, { 'discovery.registry': registry, 'discovery.of': of, 'discovery.state': state });
  });
  return () => {
    stop();
    meter.removeBatchObservableCallback(observe, observables);
  };
}

function sessionAttributes(base: Attributes, of: string, open: boolean): Attributes {
  return { ...base, 'discovery.of': of, 'discovery.state': open ? 'open' : 'opening' };
}
