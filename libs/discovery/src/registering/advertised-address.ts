import { createSocket } from 'node:dgram';
import type { LookupAddress } from 'node:dns';
import { lookup } from 'node:dns/promises';
import { isIP } from 'node:net';
import { networkInterfaces } from 'node:os';
import { DiscoveryError } from '../model/errors.js';
import { isLoopback, isWildcard } from '../model/host.js';
import { keepProcessAlive, sleep } from '../runtime/timers.js';

/** How long the name of the registry's host may take to resolve, in ms. */
const lookupWithinMs = 2_000;

export interface AdvertiseOptions {
  /** The address that the operator has configured. Takes precedence over everything else. */
  readonly explicit?: string | undefined;
  /** The address that the server is bound to. Advertised unless it is a wildcard. */
  readonly bind?: string | undefined;
  /**
   * The host of the registry (`Registry.host`): the route to it decides which local address is advertised. Undefined for a
   * registry on this machine (a directory), whose callers are on this machine too.
   */
  readonly registryHost?: string | undefined;
}

/**
 * The address under which callers reach this process: the explicit one, else the bound one unless it is a wildcard, else the
 * local address of the route to the registry, else the first IPv4 address that is not internal.
 * @throws {DiscoveryError} NO_ADVERTISABLE_ADDRESS for a wildcard, for loopback while the registry is elsewhere, and when
 *   there is no address at all.
 */
export function advertisedAddress(options: AdvertiseOptions): Promise<string> {
  return keepProcessAlive(chooseAddress(options));
}

async function chooseAddress({ explicit, bind, registryHost }: AdvertiseOptions): Promise<string> {
  const isLocal = registryHost === undefined || isLoopback(registryHost);
  if (explicit !== undefined) return assertAdvertisable(explicit, registryHost);
  if (bind !== undefined && !isWildcard(bind)) return assertAdvertisable(bind, registryHost);
  if (isLocal) return '127.0.0.1';
  const address = (await localAddressTowards(registryHost)) ?? firstExternalIPv4();
  if (address === undefined) {
    throw new DiscoveryError(
      'NO_ADVERTISABLE_ADDRESS',
      'this host has no external IPv4 address: set ADVERTISE_ADDRESS',
    );
  }
  return assertAdvertisable(address, registryHost);
}

function assertAdvertisable(address: string, registryHost: string | undefined): string {
  if (isWildcard(address)) {
    throw new DiscoveryError(
      'NO_ADVERTISABLE_ADDRESS',
      `${address} is a wildcard address and cannot be called: set ADVERTISE_ADDRESS to one that callers reach`,
    );
  }
  if (registryHost !== undefined) assertReachable(address, registryHost);
  return address;
}

/**
 * A loopback address in a registry elsewhere would make its readers call themselves.
 * @throws {DiscoveryError} NO_ADVERTISABLE_ADDRESS for a loopback address, unless the registry is on loopback, too.
 */
export function assertReachable(address: string, registryHost: string): void {
  if (!isLoopback(address) || isLoopback(registryHost)) return;
  throw new DiscoveryError(
    'NO_ADVERTISABLE_ADDRESS',
    `${address} is reachable from this host only, but the registry is at ${registryHost}: set HOST or ADVERTISE_ADDRESS to an address that callers reach`,
  );
}

/** Undefined if the host has no known address, or no route. */
async function localAddressTowards(host: string): Promise<string | undefined> {
  for (const { address, family } of await resolve(host)) {
    const local = await localAddressOfRoute(address, family);
    if (local !== undefined) return local;
  }
  return undefined;
}

/** The addresses of a host, IPv4 first; none if its name server does not answer in time. */
async function resolve(host: string): Promise<readonly LookupAddress[]> {
  const family = isIP(host);
  if (family !== 0) return [{ address: host, family }];
  const addresses = await Promise.race([lookup(host, { all: true }).catch(() => []), sleep(lookupWithinMs)]);
  return (addresses ?? []).toSorted((a, b) => a.family - b.family);
}

/** The port does not matter: connecting a UDP socket sends nothing, but makes the kernel choose a route. */
function localAddressOfRoute(address: string, family: number): Promise<string | undefined> {
  return new Promise((done) => {
    const socket = createSocket(family === 6 ? 'udp6' : 'udp4');
    const settle = (local: string | undefined) => {
      socket.close();
      done(local);
    };
    socket.unref();
    socket.once('error', () => settle(undefined));
    socket.connect(9, address, () => settle(socket.address().address));
  });
}

function firstExternalIPv4(): string | undefined {
  return Object.values(networkInterfaces())
    .flat()
    .find((address) => address?.family === 'IPv4' && !address.internal)?.address;
}
