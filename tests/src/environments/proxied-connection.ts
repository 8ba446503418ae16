import { openRegistry, type RegistryOptions } from '@rollcall/discovery';
import { FaultProxy, type ProxyTarget } from '@rollcall/discovery/testing';
import { freePort } from '@rollcall/tools';
import type { Connection } from './environment.js';

/** Opens a registry through a proxy of its own. `urlAt` builds the registry URL for the proxy's address. */
export async function connectThroughProxy(
  target: ProxyTarget,
  urlAt: (proxy: ProxyTarget) => string,
  options: RegistryOptions,
): Promise<Connection & { readonly proxy: FaultProxy }> {
  const proxy = await FaultProxy.start(target, { port: await freePort() });
  const registry = await openRegistry(urlAt(proxy), options);
  return {
    registry,
    proxy,
    async close() {
      await registry.close();
      await proxy.close();
    },
  };
}
