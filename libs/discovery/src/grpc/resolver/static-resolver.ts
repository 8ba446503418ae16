import type { ChannelOptions } from '@grpc/grpc-js';
import { DiscoveryError } from '../../model/errors.js';
import { addressOf, defineInstance, type Instance } from '../../model/instance.js';
import { describeInvalid } from '../../model/invalid-option.js';
import { toEndpoint } from '../balancing/endpoint-attributes.js';
import {
  type Endpoint,
  type GrpcUri,
  registerResolver,
  type Resolver,
  type ResolverListener,
  splitHostPort,
  statusOrFromValue,
  uriToString,
} from '../experimental.js';
import { registerOnce } from '../process-state.js';
import type { TargetUri } from './target.js';

/** Makes `static:///host:port,host:port` a target for any channel of this process. It needs no registry. */
export function registerStaticResolver(): void {
  registerOnce('static:', () => registerResolver('static', StaticResolver));
}

/** Emits its list once, and again when the channel leaves idle. */
class StaticResolver implements Resolver {
  readonly #endpoints: readonly Endpoint[];
  readonly #listener: ResolverListener;
  #pending: NodeJS.Immediate | undefined;

  constructor(uri: GrpcUri, listener: ResolverListener, _options: ChannelOptions) {
    const target = uriToString(uri);
    this.#endpoints = parseStaticTarget(uri).map((instance) => toEndpoint(instance, target));
    this.#listener = listener;
  }

  updateResolution(): void {
    this.#pending ??= setImmediate(() => {
      this.#listener(statusOrFromValue([...this.#endpoints]), {}, null, 'from the target');
    });
  }

  destroy(): void {
    clearImmediate(this.#pending);
    this.#pending = undefined;
  }

  /** The first `host:port`, as for a DNS target. TLS checks the host. */
  static getDefaultAuthority(uri: GrpcUri): string {
    return addressOf(parseStaticTarget(uri)[0]!);
  }
}

function parseStaticTarget({ authority, path }: TargetUri): readonly Instance[] {
  const target = `static://${authority ?? ''}/${path}`;
  if (authority) throw invalid(target, `"${authority}" is not allowed before the list`);
  const instances = path.split(',').map((address) => {
    const { host = '', port = NaN } = splitHostPort(address) ?? {};
    try {
      return defineInstance({ id: `${host}:${port}`, service: 'static', host, port });
    } catch (error) {
      throw invalid(target, `"${address}" is not host:port`, error);
    }
  });
  const addresses = instances.map(addressOf);
  const duplicate = addresses.find((address, i) => addresses.indexOf(address) !== i);
  if (duplicate) throw invalid(target, `${duplicate} is listed twice`);
  return instances;
}

function invalid(target: string, reason: string, cause?: unknown): DiscoveryError {
  const advice = `use static:///host:port,host:port with IPv6 addresses in brackets (${reason})`;
  return new DiscoveryError('INVALID_TARGET', describeInvalid('target', target, advice), { cause });
}
