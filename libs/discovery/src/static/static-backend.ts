import { once } from 'node:events';
import type { Backend, ObservedSet, ObserveSession } from '../backend/backend.js';
import { DiscoveryError } from '../model/errors.js';
import { assertServiceName, defineInstance, type Instance } from '../model/instance.js';

/** Services and the addresses of their instances, each `host:port`, an IPv6 host in brackets. */
export type StaticServices = Readonly<Record<string, readonly string[]>>;

/**
 * No registry, but a list: for a development machine, for tests, for the one service that nobody registers. To register
 * does nothing, and `why(service)` says `static`.
 * @example
 * const registry = new Registry(staticBackend({ inventory: ['10.0.0.5:50051', '10.0.0.6:50051'] }));
 * @throws {DiscoveryError} INVALID_INSTANCE, INVALID_OPTION for what is no name or address.
 */
export function staticBackend(services: StaticServices): Backend {
  const instances = new Map(
    Object.entries(services).map(([service, addresses]) => {
      assertServiceName(service);
      return [service, addresses.map((address) => instanceAt(service, address))];
    }),
  );
  return {
    // `static:///host:port` is a target of its own, without names.
    scheme: 'fixed',
    location: 'static',
    isStatic: true,
    ownRecord: () => ({ write: async () => {}, keep: untilAborted, remove: async () => {} }),
    observe: (service: string, { signal }: ObserveSession) => always(instances.get(service) ?? [], signal),
    observeAll: ({ signal }: ObserveSession) => always([...instances.values()].flat(), signal),
    close: async () => {},
  };
}

function instanceAt(service: string, address: string): Instance {
  const [, bracketed, plain, port] = /^(?:\[(.+)\]|([^:]+)):(\d+)$/.exec(address) ?? [];
  const host = bracketed ?? plain;
  if (host === undefined) {
    throw new DiscoveryError('INVALID_OPTION', `"${address}" of ${service} is no address; write host:port`);
  }
  return defineInstance({ id: `${host}:${port}`, service, host, port: Number(port) });
}

async function* always(instances: readonly Instance[], signal: AbortSignal): AsyncGenerator<ObservedSet> {
  yield { instances };
  await untilAborted(signal);
}

async function untilAborted(signal: AbortSignal): Promise<void> {
  if (!signal.aborted) await once(signal, 'abort');
}
