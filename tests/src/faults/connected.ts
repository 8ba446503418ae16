import { openRegistry, type RegistryOptions } from '@rollcall/discovery';
import { FaultProxy, type ProxyTarget } from '@rollcall/discovery/testing';
import { freePort } from '@rollcall/tools';
import type { Connection } from './arena.js';

/** A registry behind a proxy of its own. `urlAt` says how it is named there. */
export async function connectedThrough(
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
