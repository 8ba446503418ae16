import { once } from 'node:events';
import type { Backend, ObservedSet, ObserveSession } from '../backend/backend.js';
import { assertServiceName, defineInstance, type Instance } from '../model/instance.js';
import { invalidOption } from '../model/invalid-option.js';

/** Services and the addresses of their instances, each `host:port`, an IPv6 host in brackets. */
export type StaticServices = Readonly<Record<string, readonly string[]>>;

/**
 * A fixed list instead of a registry: for development, tests, and services that do not register. Registering has no effect, and
 * `why(service)` reports `static`.
 * @example
 * const registry = new Registry(staticBackend({ inventory: ['10.0.0.5:50051', '10.0.0.6:50051'] }));
 * @throws {DiscoveryError} INVALID_INSTANCE, INVALID_OPTION for an invalid name or address.
 */
export function staticBackend(services: StaticServices): Backend {
  const instances = new Map(
    Object.entries(services).map(([service, addresses]) => {
      assertServiceName(service);
      return [service, addresses.map((address) => instanceAt(service, address))];
    }),
  );
  return {
    // Not `static`: `static:///host:port` is another kind of target, without service names.
    scheme: 'fixed',
    location: 'static',
    isStatic: true,
    ownRecord: () => ({ write: async () => {}, keep: untilAborted, remove: async () => {} }),
    observe: (service: string, { signal }: ObserveSession) => listOnce(instances.get(service) ?? [], signal),
    observeAll: ({ signal }: ObserveSession) => listOnce([...instances.values()].flat(), signal),
    close: async () => {},
  };
}

function instanceAt(service: string, address: string): Instance {
  const [, bracketed, plain, port] = /^(?:\[(.+)\]|([^:]+)):(\d+)$/.exec(address) ?? [];
  const host = bracketed ?? plain;
  if (host === undefined) {
    throw invalidOption(`address of ${service}`, address, 'use host:port');
  }
  return defineInstance({ id: `${host}:${port}`, service, host, port: Number(port) });
}

async function* listOnce(instances: readonly Instance[], signal: AbortSignal): AsyncGenerator<ObservedSet> {
  yield { instances };
  await untilAborted(signal);
}

async function untilAborted(signal: AbortSignal): Promise<void> {
  if (!signal.aborted) await once(signal, 'abort');
}
