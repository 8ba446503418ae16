import { BlockList, isIP } from 'node:net';

// A BlockList compares addresses in any notation, also IPv4 addresses mapped into IPv6 (`::ffff:127.0.0.1`).
const loopback = new BlockList();
loopback.addSubnet('127.0.0.0', 8);
loopback.addAddress('::1', 'ipv6');
const wildcard = new BlockList();
wildcard.addAddress('0.0.0.0');
wildcard.addAddress('::', 'ipv6');
/** Only these can be the unspecified address. A `BlockList` takes 20 times as long as all other checks of an instance. */
const allZeros = /^[0:.f]+(?:%.*)?$/i;

/** Whether `host` is reachable from this machine only. */
export function isLoopback(host: string): boolean {
  return /^(?:.+\.)?localhost\.?$/i.test(host) || isIn(loopback, host);
}

/** Whether `host` is the unspecified address, in any notation: valid for listening, not for connecting. */
export function isWildcard(host: string): boolean {
  return host === '' || (allZeros.test(host) && isIn(wildcard, host));
}

/** Whether a resolver reads `host` as an IPv4 address in an old notation: `0` is 0.0.0.0, `0x7f.1` is 127.0.0.1. */
export function isLegacyAddress(host: string): boolean {
  return isIP(host) === 0 && /(?:^|\.)(?:\d+|0x[0-9a-f]*)\.?$/i.test(host);
}

function isIn(list: BlockList, host: string): boolean {
  const address = host.replace(/%.*$/, '');
  const version = isIP(address);
  return version !== 0 && list.check(address, version === 6 ? 'ipv6' : 'ipv4');
}
