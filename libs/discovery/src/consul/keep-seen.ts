import type { AnnounceSession } from '../backend/backend.js';
import { DiscoveryError } from '../model/errors.js';
import type { Instance } from '../model/instance.js';
import { startTimer, childAbortController } from '../runtime/timers.js';
import { type Announcer, lost } from './announcer.js';
import { blockingQuery } from './blocking-query.js';
import { conflict, describes } from './claim.js';
import { checkIdOf, type ConsulEntry } from './wire.js';

/**
 * Watches the record as others see it: says when it is there, and throws when it no longer is. It looks at the catalogue,
 * not at the agent: the agent goes on passing a check whose record was deleted from the catalogue behind its back, and it
 * takes a registration, and says 200, also while its servers are away. A record that others do not see within half a
 * wait is announced anew.
 */
export async function keepSeen(
  { connection, settings }: Announcer,
  instance: Instance,
  session: AnnounceSession,
  signal: AbortSignal,
): Promise<void> {
  const { id, service } = instance;
  const patience = childAbortController(signal);
  const visibleWithinMs = settings.waitMs / 2;
  const cancel = startTimer(visibleWithinMs, () => patience.abort());
  let seen = false;
  const parameters = { filter: `Service.ID == "${id}"` };
  const path = `/v1/health/service/${service}`;
  try {
    for await (const state of blockingQuery(connection, settings, path, parameters, patience.signal)) {
      const entries = state.content as readonly ConsulEntry[];
      const own = entries.find(({ Service }) => Service && describes(Service, instance));
      if (own?.Checks?.some(({ CheckID }) => CheckID === checkIdOf(id))) {
        cancel();
        if (!seen) session.registered();
        seen = true;
      } else if (state.filtered) {
        throw new DiscoveryError(
          'REGISTRY_REFUSED',
          `${connection.baseUrl}: the token may not see the record of ${id}; give it node:read and service:read`,
        );
      } else if (seen) {
        const other = entries.find(({ Service }) => Service)?.Service;
        if (own) throw lost(id, 'someone removed its check');
        throw other ? conflict(other, instance) : lost(id, 'someone removed it from the catalogue');
      }
    }
  } finally {
    cancel();
    patience.dispose();
  }
  if (!signal.aborted) throw lost(id, `not in the catalogue ${visibleWithinMs} ms after it was registered`);
}
