import type { ObservedSet, ObserveSession } from '../backend/backend.js';
import { DiscoveryError } from '../model/errors.js';
import { blockingQuery } from './blocking-query.js';
import type { Connection } from './connection.js';
import { EntryReader } from './entry.js';
import type { ConsulSettings } from './options.js';
import type { ConsulCheckState, ConsulEntry, ConsulNode, ConsulService } from './wire.js';

/**
 * The instances of one service. Watches health, not the catalogue, whose index does not move when a check turns; and all
 * of it, not only what passes, for one that leaves by intent to be told from one that fails.
 */
export async function* watchService(
  connection: Connection,
  settings: ConsulSettings,
  service: string,
  { signal, rejected }: ObserveSession,
): AsyncGenerator<ObservedSet> {
  const reader = new EntryReader(settings.format, rejected);
  const path = `/v1/health/service/${encodeURIComponent(service)}`;
  const states = blockingQuery(connection, settings, path, datacenter(settings), signal);
  for await (const { content, index, filtered } of states) {
    // A token that lost its rights gets an empty 200: not the end of every instance.
    if (filtered) throw refused(connection, `all instances of ${service}`);
    yield { instances: reader.read(content as readonly ConsulEntry[]), revision: String(index) };
  }
}

/**
 * The instances of all services, from one watch: the endpoint that Consul's own UI is made of, the only one that tells
 * every record and check in one answer, and so at one moment. The documented ones would take one watch for each service
 * (an agent allows 200 connections a client), or a fresh read of every service at each change. It is there and answers
 * the same from 1.8 to 1.22, on servers and on client agents, with the UI switched off too.
 */
export async function* watchCatalogue(
  connection: Connection,
  settings: ConsulSettings,
  { signal, rejected }: ObserveSession,
): AsyncGenerator<ObservedSet> {
  const reader = new EntryReader(settings.format, rejected);
  const states = blockingQuery(connection, settings, '/v1/internal/ui/nodes', datacenter(settings), signal);
  for await (const { content, index, filtered } of states) {
    const instances = reader.read(entriesOf(content as readonly NodeDump[]));
    // A token for some of the services is a fair one here.
    if (filtered && instances.length === 0) throw refused(connection, 'any instance');
    yield { instances, revision: String(index) };
  }
}

interface NodeDump extends ConsulNode {
  readonly Services?: readonly ConsulService[] | null;
  readonly Checks?: readonly ConsulCheckState[] | null;
}

/** Leaves out Consul itself, and what is no instance of a service: proxies and gateways. */
function* entriesOf(nodes: readonly NodeDump[]): Generator<ConsulEntry> {
  for (const node of nodes) {
    const checks = new Map<string, ConsulCheckState[]>();
    for (const check of node.Checks ?? []) {
      const id = check.ServiceID ?? '';
      const same = checks.get(id);
      if (same) same.push(check);
      else checks.set(id, [check]);
    }
    for (const service of node.Services ?? []) {
      if (service.Service === 'consul' || service.Kind) continue;
      const own = service.ID ? (checks.get(service.ID) ?? []) : [];
      yield { Node: node, Service: service, Checks: [...(checks.get('') ?? []), ...own] };
    }
  }
}

function datacenter({ datacenter: dc }: ConsulSettings): Record<string, string> {
  return dc === undefined ? {} : { dc };
}

function refused({ baseUrl }: Connection, what: string): DiscoveryError {
  return new DiscoveryError(
    'REGISTRY_REFUSED',
    `${baseUrl}: the token may not see ${what}; give it node:read and service:read`,
  );
}
