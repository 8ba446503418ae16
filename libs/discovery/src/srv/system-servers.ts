import { Resolver } from 'node:dns';
import { isIP } from 'node:net';
import { DiscoveryError } from '../model/errors.js';
import { defaultDnsPort, type DnsServer } from './options.js';

/**
 * The DNS servers of the system, read anew each time: a laptop changes its network, a container its configuration.
 * @throws {DiscoveryError} REGISTRY_UNAVAILABLE if there is none.
 */
export function systemServers(configured = new Resolver().getServers()): readonly Required<DnsServer>[] {
  if (configured.length === 0) {
    const message = 'the system has no DNS server: name one, as srv://host:53';
    throw new DiscoveryError('REGISTRY_UNAVAILABLE', message);
  }
  return configured.map((server) => {
    if (isIP(server)) return { host: server, port: defaultDnsPort };
    const [, host = '', port] = /^\[?(.+?)\]?:(\d+)$/.exec(server) ?? [];
    return { host, port: Number(port) };
  });
}
