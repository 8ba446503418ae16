import type { ObservedSet, ObserveSession } from '../backend/backend.js';
import { DiscoveryError } from '../model/errors.js';
import { blockingQuery } from './blocking-query.js';
import type { Connection } from './connection.js';
import { readEntry } from './entry-reader.js';
import type { ConsulSettings } from './options.js';
import type { ConsulCheckState, ConsulEntry, ConsulNode, ConsulService } from './api-types.js';

/**
 * The instances of one service. Watches the health endpoint, because the index of the catalogue endpoint ignores checks, and
 * all entries, not only passing ones, to distinguish draining instances from failed ones.
 */
export async function* watchService(
  connection: Connection,
  settings: ConsulSettings,
  service: string,
  { signal, rejected }: ObserveSession,
): AsyncGenerator<ObservedSet> {
  const path = `/v1/health/service/${encodeURIComponent(service)}`;
  const read = (entry: unknown) => readEntry(entry as ConsulEntry, settings.format, rejected);
  const states = blockingQuery(connection, settings, {
    path,
    parameters: datacenter(settings),
    read,
    signal,
  });
  for await (const { content, index, filtered } of states) {
    // A token that lost its permissions gets an empty 200, which does not mean that all instances are gone.
    if (filtered) throw refused(connection, `all instances of ${service}`);
    yield { instances: content.filter((instance) => instance !== undefined), revision: String(index) };
  }
}

/**
 * The instances of all services, from one watch: the endpoint of Consul's own UI, the only one that returns all records and
 * checks in one consistent response. The documented endpoints need a watch for each service (an agent allows 200 connections
 * a client) or a read of every service after each change. The endpoint is the same from 1.8 to 1.22, on servers and client
 * agents, also with the UI disabled.
 */
export async function* watchCatalogue(
  connection: Connection,
  settings: ConsulSettings,
  { signal, rejected }: ObserveSession,
): AsyncGenerator<ObservedSet> {
  const path = '/v1/internal/ui/nodes';
  const read = (node: unknown) =>
    [...entriesOf(node as NodeDump)]
      .map((entry) => readEntry(entry, settings.format, rejected))
      .filter((instance) => instance !== undefined);
  const states = blockingQuery(connection, settings, {
    path,
    parameters: datacenter(settings),
    read,
    signal,
  });
  for await (const { content, index, filtered } of states) {
    const instances = content.flat();
    // A token for some of the services is valid here.
    if (filtered && instances.length === 0) throw refused(connection, 'any instance');
    yield { instances, revision: String(index) };
  }
}

interface NodeDump extends ConsulNode {
  readonly Services?: readonly ConsulService[] | null;
  readonly Checks?: readonly ConsulCheckState[] | null;
}

/** Leaves out Consul itself, proxies and gateways. */
function* entriesOf(node: NodeDump): Generator<ConsulEntry> {
  const checks = new Map<string, ConsulCheckState[]>();
  for (const check of node.Checks ?? []) {
    const id = check.ServiceID ?? '';
    const known = checks.get(id);
    if (known) known.push(check);
    else checks.set(id, [check]);
  }
  for (const service of node.Services ?? []) {
    if (service.Service === 'consul' || service.Kind) continue;
    const own = service.ID ? (checks.get(service.ID) ?? []) : [];
    yield { Node: node, Service: service, Checks: [...(checks.get('') ?? []), ...own] };
  }
}

function datacenter({ datacenter: dc }: ConsulSettings): Record<string, string> {
  return dc === undefined ? {} : { dc };
}

function refused({ baseUrl }: Connection, what: string): DiscoveryError {
  return new DiscoveryError(
    'REGISTRY_REFUSED',
    `${baseUrl}: the token may not read ${what}: use one with node:read and service:read`,
  );
}
