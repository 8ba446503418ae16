import type { Backend } from '../backend/backend.js';
import type { RegistryUrl } from '../model/registry-url.js';
import { missingPeer } from '../runtime/missing-peer.js';
import { SrvBackend } from './backend.js';
import { srvOptionsOf } from './from-url.js';
import { srvSettings } from './options.js';

/**
 * As `srvFromUrl`, but loads dns-packet on demand. The `catch` also lets a bundler continue where dns-packet is not installed.
 * @throws {DiscoveryError} MISSING_PEER, and what `srvFromUrl` throws.
 */
export async function openSrv(url: RegistryUrl): Promise<Backend> {
  const settings = srvSettings(srvOptionsOf(url));
  return new SrvBackend(await import('dns-packet').catch(missingPeer('dns-packet')), settings);
}
