import type { Backend } from '../backend/backend.js';
import type { RegistryUrl } from '../model/registry-url.js';
import { missingPeer } from '../runtime/missing-peer.js';
import { EtcdBackend } from './backend.js';
import { etcdOptionsOf } from './from-url.js';
import { etcdSettings } from './options.js';

/**
 * As `etcdFromUrl`, but loads etcd3 on demand. The `catch` also lets a bundler continue where etcd3 is not installed.
 * @throws {DiscoveryError} MISSING_PEER, and what `etcdFromUrl` throws.
 */
export async function openEtcd(url: RegistryUrl): Promise<Backend> {
  const settings = etcdSettings(etcdOptionsOf(url));
  return new EtcdBackend(await import('etcd3').catch(missingPeer('etcd3')), settings);
}
