import type { Backend } from '../backend/backend.js';
import type { RegistryUrl } from '../model/registry-url.js';
import { missingPeer } from '../runtime/missing-peer.js';
import { ConsulBackend } from './backend.js';
import { consulOptionsOf } from './from-url.js';
import { consulSettings } from './options.js';

/**
 * As `consulFromUrl`, but loads consul on demand. The `catch` also lets a bundler continue where consul is not installed.
 * @throws {DiscoveryError} MISSING_PEER, and what `consulFromUrl` throws.
 */
export async function openConsul(url: RegistryUrl): Promise<Backend> {
  const settings = consulSettings(consulOptionsOf(url));
  const { default: Consul } = await import('consul').catch(missingPeer('consul'));
  return new ConsulBackend(Consul, settings);
}
