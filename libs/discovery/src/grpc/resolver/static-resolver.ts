import type { ChannelOptions } from '@grpc/grpc-js';
import { addressOf, type Instance } from '../../model/instance.js';
import { toResolverAttributes, endpointAttributes } from '../balancing/endpoint-attributes.js';
import { endpointsOf } from './endpoints.js';
import {
  type GrpcUri,
  registerResolver,
  type Resolver,
  type ResolverListener,
  statusOrFromValue,
} from '../experimental.js';
import { parseStaticTarget } from './static-target.js';

let registered = false;

/** Makes `static:///host:port,host:port` a target for any channel of this process. It needs no registry. */
export function registerStaticTargets(): void {
  if (registered) return;
  registered = true;
  registerResolver('static', StaticResolver);
}

/** Tells its list once, and again when the channel wakes after it was idle. */
class StaticResolver implements Resolver {
  readonly #instances: readonly Instance[];
  readonly #listener: ResolverListener;
  #telling: NodeJS.Immediate | undefined;

  constructor(uri: GrpcUri, listener: ResolverListener, _options: ChannelOptions) {
    this.#instances = parseStaticTarget(uri);
    this.#listener = listener;
  }

  updateResolution(): void {
    this.#telling ??= setImmediate(() => {
      const attributes = toResolverAttributes(endpointAttributes(this.#instances));
      this.#listener(statusOrFromValue(endpointsOf(this.#instances)), attributes, null, 'from the target');
    });
  }

  destroy(): void {
    clearImmediate(this.#telling);
    this.#telling = undefined;
  }

  /** `host:port` of the first address, as for a DNS target: of it the host is what TLS checks. */
  static getDefaultAuthority(uri: GrpcUri): string {
    return addressOf(parseStaticTarget(uri)[0]!);
  }
}
