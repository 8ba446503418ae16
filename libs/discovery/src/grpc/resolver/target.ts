import { DiscoveryError } from '../../model/errors.js';
import { type InstanceFilter, parseInstanceFilter } from '../../model/instance-filter.js';
import { assertServiceName } from '../../model/instance.js';

/** A gRPC target, `scheme://registry/service?filter`, taken apart. */
export interface Target {
  readonly scheme: string;
  /** The name given to `connect`; empty for the one without. */
  readonly registry: string;
  readonly service: string;
  readonly filter: InstanceFilter;
}

/** The parts as grpc-js hands them to a resolver: `{ scheme, authority, path }`, the path without its slash. */
export interface TargetParts {
  readonly scheme?: string;
  readonly authority?: string;
  readonly path: string;
}

/**
 * @throws {DiscoveryError} INVALID_TARGET. A service name is checked as a DNS label: it becomes the `:authority` of
 *   every call, and with a slash, a question mark, a space or a last label of digits every call would fail.
 */
export function parseTarget({ scheme, authority, path }: TargetParts): Target {
  const shown = `${scheme ?? ''}://${authority ?? ''}/${path}`;
  const [service = '', query = ''] = splitOnce(path, '?');
  try {
    assertServiceName(service);
    return { scheme: scheme ?? '', registry: authority ?? '', service, filter: parseInstanceFilter(query) };
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new DiscoveryError(
      'INVALID_TARGET',
      `${shown} is not usable as "scheme:///service?filter": ${reason}`,
      {
        cause: error,
      },
    );
  }
}

function splitOnce(text: string, separator: string): [string, string] {
  const at = text.indexOf(separator);
  return at < 0 ? [text, ''] : [text.slice(0, at), text.slice(at + 1)];
}
