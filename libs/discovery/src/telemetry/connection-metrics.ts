import type { Meter } from '@opentelemetry/api';
import type { ConnectionEvent } from '../events/discovery-events.js';
import { onEvent } from '../events/on-event.js';
import type { Labels } from './labels.js';

/**
 * Metrics of connections (gRFC A94) and outlier detection (gRFC A91), and of suspected instances. Each channel counts its own:
 * channels of grpc-js with the same settings share a connection, which then counts for each of them.
 */
export function recordConnections(meter: Meter, labels: Labels): () => void {
  const counter = (name: string, unit: string, description: string) =>
    meter.createCounter(name, { unit: `{${unit}}`, description });
  const succeeded = counter(
    'grpc.subchannel.connection_attempts_succeeded',
    'attempt',
    'Connections that were made',
  );
  const failed = counter(
    'grpc.subchannel.connection_attempts_failed',
    'attempt',
    'Connection attempts that failed',
  );
  const disconnections = counter('grpc.subchannel.disconnections', 'disconnection', 'Connections that ended');
  const open = meter.createUpDownCounter('grpc.subchannel.open_connections', {
    unit: '{connection}',
    description: 'Connections that are open',
  });
  const ejections = counter(
    'grpc.lb.outlier_detection.ejections_enforced',
    'ejection',
    'Instances that outlier detection has ejected',
  );
  const suspicions = counter(
    'discovery.suspicions',
    'suspicion',
    'How often a client has suspected an instance',
  );
  const suspected = meter.createUpDownCounter('discovery.suspected', {
    unit: '{instance}',
    description: 'Instances that a client suspects to be frozen',
  });
  const [connections, suspicious] = [new Counts(), new Counts()];
  const stops = [
    onEvent('connection', (event) => {
      const attributes = labels.ofTarget(event.target, event.instance);
      const wasReady = event.previousState === 'ready';
      if (event.state === 'ready' && !wasReady) {
        connections.increment(keyOf(event));
        succeeded.add(1, attributes);
        open.add(1, attributes);
      } else if (event.state !== 'ready' && wasReady) {
        if (connections.decrement(keyOf(event)) === undefined) return;
        disconnections.add(1, attributes);
        open.add(-1, attributes);
      } else if (event.state === 'transient-failure') failed.add(1, attributes);
    }),
    onEvent('ejection', ({ state, target, instance }) => {
      if (state !== 'ejected') return;
      const method = { 'grpc.lb.outlier_detection.detection_method': 'failure_percentage' };
      ejections.add(1, { ...labels.ofTarget(target, instance), ...method });
    }),
    onEvent('suspicion', ({ state, service, instance }) => {
      const attributes = labels.withInstance({ 'discovery.service': service }, instance);
      const key = `${service} ${instance.address}`;
      if (state === 'suspected') {
        suspicions.add(1, attributes);
        if (suspicious.increment(key) === 1) suspected.add(1, attributes);
      } else if (suspicious.decrement(key) === 0) suspected.add(-1, attributes);
    }),
  ];
  return () => stops.forEach((stop) => stop());
}

/** Counts by key. What was there before the start must not count when it ends. */
class Counts {
  readonly #counts = new Map<string, number>();

  /** Returns how many there are now. */
  increment(key: string): number {
    const count = (this.#counts.get(key) ?? 0) + 1;
    this.#counts.set(key, count);
    return count;
  }

  /** Returns how many are left; undefined if there was none. */
  decrement(key: string): number | undefined {
    const count = this.#counts.get(key);
    if (count === undefined) return undefined;
    if (count > 1) this.#counts.set(key, count - 1);
    else this.#counts.delete(key);
    return count - 1;
  }
}

function keyOf({ target = '', instance: { id, address } }: ConnectionEvent): string {
  return `${target} ${id} ${address}`;
}
