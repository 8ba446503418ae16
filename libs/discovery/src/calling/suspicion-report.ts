import type { EventInstance, SuspicionEvent } from '../events/discovery-events.js';
import { events } from '../events/event-source.js';
import { forgetSuspicion, noteSuspicion } from '../runtime/suspicions.js';
import type { EndpointHealth } from './endpoint-health.js';

/** Reports that a client suspects an instance, or no longer does, to `why` and as an event. */
export function reportSuspicion(
  protocol: SuspicionEvent['protocol'],
  service: string,
  instance: EventInstance,
  health: EndpointHealth,
): void {
  const isSuspected = health.suspectedAt !== undefined;
  if (isSuspected) noteSuspicion(service, instance.address, health);
  else forgetSuspicion(service, instance.address, health);
  if (!events.suspicion.hasListeners) return;
  events.suspicion.emit({
    type: 'suspicion',
    state: isSuspected ? 'suspected' : 'cleared',
    protocol,
    service,
    instance,
    ...(!isSuspected && { durationMs: performance.now() - health.lastSuspectedAt }),
  });
}
