import { DiscoveryError } from '../../model/errors.js';
import { addressOf, defineInstance, type Instance } from '../../model/instance.js';
import { splitHostPort } from '../experimental.js';
import type { TargetParts } from './target.js';

/**
 * The instances that `static:///10.0.0.1:50051,[::1]:50051` names.
 * @throws {DiscoveryError} INVALID_TARGET.
 */
export function parseStaticTarget({ authority, path }: TargetParts): readonly Instance[] {
  const shown = `static://${authority ?? ''}/${path}`;
  if (authority) throw invalid(shown, `it names no registry, so that "${authority}" has no meaning`);
  const instances = path.split(',').map((address) => {
    const { host = '', port = NaN } = splitHostPort(address) ?? {};
    try {
      return defineInstance({ id: `${host}:${port}`, service: 'static', host, port });
    } catch (error) {
      throw invalid(shown, `"${address}" is no host:port`, error);
    }
  });
  const addresses = instances.map(addressOf);
  const twice = addresses.find((address, i) => addresses.indexOf(address) !== i);
  if (twice) throw invalid(shown, `${twice} stands twice and would get a double share`);
  return instances;
}

function invalid(shown: string, reason: string, cause?: unknown): DiscoveryError {
  return new DiscoveryError(
    'INVALID_TARGET',
    `${shown} is not usable as "static:///host:port,host:port", IPv6 addresses in brackets: ${reason}`,
    { cause },
  );
}
