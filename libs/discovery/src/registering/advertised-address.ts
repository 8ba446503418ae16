import { createSocket } from 'node:dgram';
import { isIP } from 'node:net';
import { networkInterfaces } from 'node:os';
import { DiscoveryError } from '../model/errors.js';
import { isLoopback, isWildcard } from '../model/host.js';

export interface AdvertiseOptions {
  /** The address to advertise, by the operator's will. Wins over everything else. */
  readonly explicit?: string | undefined;
  /** The address the server is bound to. Advertised itself unless it is a wildcard. */
  readonly bind?: string | undefined;
  /**
   * Host and port of the registry. Its route tells which of our addresses its side of the network sees. Undefined for
   * a registry on this machine (a directory), whose callers are on it too.
   */
  readonly registry?: { readonly host: string; readonly port: number } | undefined;
}

/**
 * Finds the address under which callers reach this process: the explicit one, else the bound one unless it is a
 * wildcard, else the local address of the route to the registry, else the first IPv4 address that is not internal.
 * @throws {DiscoveryError} NO_ADVERTISABLE_ADDRESS for a wildcard, for loopback while the registry is elsewhere (its
 *   readers would call themselves), and when there is no address at all.
 */
export async function advertisedAddress(options: AdvertiseOptions): Promise<string> {
  const { explicit, bind, registry } = options;
  const local = registry === undefined || isLoopback(registry.host);
  if (explicit !== undefined) return check(explicit, local, registry);
  if (bind !== undefined && !isWildcard(bind)) return check(bind, local, registry);
  if (local) return '127.0.0.1';
  const address = (await routeTo(registry)) ?? firstExternalIPv4();
  if (address === undefined) {
    throw new DiscoveryError(
      'NO_ADVERTISABLE_ADDRESS',
      'this host has no external IPv4 address; set ADVERTISE_ADDRESS',
    );
  }
  return check(address, local, registry);
}

function check(address: string, local: boolean, registry: AdvertiseOptions['registry']): string {
  if (isWildcard(address)) {
    throw new DiscoveryError(
      'NO_ADVERTISABLE_ADDRESS',
      `${address} means every address and cannot be called; set ADVERTISE_ADDRESS to one that callers reach`,
    );
  }
  if (!local && registry) assertReachable(address, registry.host);
  return address;
}

/**
 * Readers of a registry elsewhere would call themselves at a loopback address.
 * @throws {DiscoveryError} NO_ADVERTISABLE_ADDRESS for one, unless the registry is on loopback, too.
 */
export function assertReachable(address: string, registryHost: string): void {
  if (!isLoopback(address) || isLoopback(registryHost)) return;
  throw new DiscoveryError(
    'NO_ADVERTISABLE_ADDRESS',
    `${address} is reached from this host alone, but the registry is at ${registryHost}; set HOST or ADVERTISE_ADDRESS to an address that callers reach`,
  );
}

/** Connecting a UDP socket sends nothing; it makes the kernel choose the route, and with it our address. */
function routeTo({ host, port }: { host: string; port: number }): Promise<string | undefined> {
  return new Promise((resolve) => {
    const socket = createSocket(isIP(host) === 6 ? 'udp6' : 'udp4');
    const finish = (address: string | undefined) => {
      socket.close();
      resolve(address);
    };
    socket.unref();
    socket.once('error', () => finish(undefined));
    socket.connect(port, host, () => finish(socket.address().address));
  });
}

function firstExternalIPv4(): string | undefined {
  return Object.values(networkInterfaces())
    .flat()
    .find((address) => address?.family === 'IPv4' && !address.internal)?.address;
}
