import { Metadata, status } from '@grpc/grpc-js';
import { filterInstances } from '../../model/instance-filter.js';
import type { MembershipState } from '../../watching/membership-state.js';
import type { Registry, Watch } from '../../registry.js';
import { toResolverAttributes, endpointAttributes } from '../balancing/endpoint-attributes.js';
import { endpointsOf } from './endpoints.js';
import {
  type Endpoint,
  type Resolver,
  type ResolverListener,
  statusOrFromError,
  statusOrFromValue,
} from '../experimental.js';
import type { Target } from './target.js';

/**
 * Tells one channel what a membership says. grpc-js makes one for each channel; the session with the registry behind
 * them is shared.
 *
 * What grpc-js leaves unsaid and is kept here:
 * - The listener is never called from the constructor or `updateResolution`, nor after `destroy`.
 * - `destroy` is no end: an idle channel destroys its resolver and calls `updateResolution` on it when it wakes.
 * - `updateResolution` is called without pause while an endpoint does not connect. To answer it with the same list
 *   makes a loop that takes a whole core (grpc/grpc-node#2609): it is a hint to refresh, and only news are told.
 * - `attributes` become arguments of every subchannel; one that changes rebuilds every connection. What policies need to
 *   know of an instance goes under a key that grpc-js leaves out there (`traits.ts`).
 * - The service config is always `null` (the policy is a channel option): one that comes and goes with errors flips
 *   the policy to pick_first.
 */
export class MembershipResolver implements Resolver {
  readonly #registry: Registry;
  readonly #target: Target;
  readonly #listener: ResolverListener;
  #watch: Watch | undefined;
  #told = '';

  constructor(registry: Registry, target: Target, listener: ResolverListener) {
    this.#registry = registry;
    this.#target = target;
    this.#listener = listener;
  }

  updateResolution(): void {
    if (this.#watch) return this.#watch.refresh();
    if (this.#registry.closed)
      return void setImmediate(() => this.#fail(`${this.#registry.location} was closed`));
    const watch = this.#registry.watch(this.#target.service);
    this.#watch = watch;
    this.#told = '';
    watch.onChange((state) => this.#tell(state));
    setImmediate(() => {
      if (this.#watch === watch) this.#tell(watch.current);
    });
  }

  destroy(): void {
    this.#watch?.close();
    this.#watch = undefined;
  }

  #tell(state: MembershipState): void {
    const instances = filterInstances(state.instances, this.#target.filter);
    const traits = endpointAttributes(instances);
    const news =
      instances.length > 0 ? JSON.stringify([...traits]) : emptyReason(state, this.#target, this.#registry);
    if (news === undefined || news === this.#told) return;
    this.#told = news;
    if (instances.length > 0) {
      const note = `from ${this.#registry.location}`;
      this.#listener(statusOrFromValue(endpointsOf(instances)), toResolverAttributes(traits), null, note);
      return;
    }
    // round_robin answers an empty list by letting calls wait for their deadline; the error after it makes them fail.
    if (state.source !== 'none') this.#listener(statusOrFromValue<Endpoint[]>([]), {}, null, news);
    this.#fail(news);
  }

  #fail(reason: string): void {
    const error = { code: status.UNAVAILABLE, details: reason, metadata: new Metadata() };
    this.#listener(statusOrFromError<Endpoint[]>(error), {}, null, reason);
  }
}

/** Why there is no instance to call, or undefined while the first answer of the registry is still awaited. */
function emptyReason(
  state: MembershipState,
  { service, filter }: Target,
  registry: Registry,
): string | undefined {
  if (state.source === 'none') {
    return (
      state.lastError &&
      `no instance of ${service} is known: ${registry.location} is away (${state.lastError.message})`
    );
  }
  if (state.instances.length > 0) {
    return `none of the ${state.instances.length} instances of ${service} in ${registry.location} fits ${JSON.stringify(filter)}`;
  }
  return `${registry.location} has no instance of ${service}`;
}
