import type { Attributes, Meter } from '@opentelemetry/api';
import type { ConnectionEvent } from '../events/discovery-events.js';
import { onEvent } from '../events/on-event.js';
import type { Labels } from './labels.js';

/**
 * Metrics of connections (gRFC A94) and outlier detection (gRFC A91), and of suspected instances. A connection that channels of
 * grpc-js share counts once, for the target of the first one; each channel counts the attempts that have failed.
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
  const [connections, suspicious] = [new Shared(), new Shared()];
  const stops = [
    onEvent('connection', (event) => {
      const wasReady = event.previousState === 'ready';
      const isReady = event.state === 'ready';
      const attributes = labels.ofTarget(event.target, event.instance);
      const key = event.connection ?? keyOf(event);
      if (isReady && !wasReady) {
        if (!connections.add(key, attributes)) return;
        succeeded.add(1, attributes);
        open.add(1, attributes);
      } else if (!isReady && wasReady) {
        const ended = connections.remove(key);
        if (!ended) return;
        disconnections.add(1, ended);
        open.add(-1, ended);
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
        if (suspicious.add(key, attributes)) suspected.add(1, attributes);
      } else {
        const cleared = suspicious.remove(key);
        if (cleared) suspected.add(-1, cleared);
      }
    }),
  ];
  return () => stops.forEach((stop) => stop());
}

/** What several channels report, by key: it begins with the first report and ends with the last one. */
class Shared {
  readonly #reports = new Map<unknown, { readonly attributes: Attributes; count: number }>();

  /** Returns whether it has begun. */
  add(key: unknown, attributes: Attributes): boolean {
    const known = this.#reports.get(key);
    if (known) known.count += 1;
    else this.#reports.set(key, { attributes, count: 1 });
    return !known;
  }

  /** Returns the attributes with which it has begun, if it has ended. What began before telemetry was started is unknown. */
  remove(key: unknown): Attributes | undefined {
    const known = this.#reports.get(key);
    if (!known) return undefined;
    known.count -= 1;
    if (known.count > 0) return undefined;
    this.#reports.delete(key);
    return known.attributes;
  }
}

/** Without the identity of the connection. */
function keyOf({ target = '', instance: { id, address } }: ConnectionEvent): string {
  return `${target} ${id} ${address}`;
}
