import * as dnsPacket from 'dns-packet';
import type { Backend } from '../backend/backend.js';
import type { RegistryUrl } from '../model/registry-url.js';
import { SrvBackend } from './backend.js';
import { srvOptionsOf } from './from-url.js';
import { type SrvOptions, srvSettings } from './options.js';

/**
 * Services by their DNS SRV records, which are written by something else: Consul, Kubernetes, or people. They can only be watched,
 * one by one. A service is looked up again when the TTL of its records is over.
 *
 * A name without records is an empty list. A server that fails, refuses or does not answer is an unavailable registry.
 * @throws {DiscoveryError} INVALID_OPTION.
 */
export function srvBackend(options: SrvOptions = {}): Backend {
  return new SrvBackend(dnsPacket, srvSettings(options));
}

/**
 * `srv://127.0.0.1:8600/{service}.service.consul`, `srv:///_grpc._tcp.{service}.example.org?minIntervalMs=5000`. Without a
 * host, the DNS servers of the system; several names are separated by commas.
 * @throws {DiscoveryError} INVALID_TARGET for an unsupported part, INVALID_OPTION for an invalid value.
 */
export function srvFromUrl(url: RegistryUrl): Backend {
  return srvBackend(srvOptionsOf(url));
}
