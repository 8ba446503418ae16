import type { LeafLoadBalancer } from '../experimental.js';
import type { EndpointAttributes } from './endpoint-attributes.js';

/** An endpoint and what policies keep about it, for as long as it is listed. */
export class EndpointState {
  readonly leaf: InstanceType<typeof LeafLoadBalancer>;
  attributes: EndpointAttributes;
  callsInFlight = 0;
  /** See {@link weighted}. Starts at random, so that clients do not all begin with the same instance. */
  credit = Math.random();

  constructor(leaf: InstanceType<typeof LeafLoadBalancer>, attributes: EndpointAttributes) {
    this.leaf = leaf;
    this.attributes = attributes;
  }

  readonly onCallStarted = (): void => {
    this.callsInFlight += 1;
  };

  readonly onCallEnded = (): void => {
    this.callsInFlight -= 1;
  };
}

/** The endpoints that are connected: at least one. */
export type ReadyEndpoints = readonly [EndpointState, ...EndpointState[]];

/**
 * Creates a picker whenever a connection or an attribute has changed; the picker chooses the endpoint of each call. A
 * channel has one factory: state that has to survive a change lives in the factory or in {@link EndpointState}.
 */
export type PickerFactory = (ready: ReadyEndpoints) => () => EndpointState;

export function roundRobin(): PickerFactory {
  let next = Math.floor(Math.random() * 65_536);
  return (ready) => () => ready[next++ % ready.length]!;
}

/**
 * Smooth weighted round robin, as in nginx: weights 3 and 1 give `a a b a`, not `a a a b`. Each call adds to every
 * endpoint its share of one call; the endpoint with the most credit is picked and pays one call. Credit is counted in
 * shares, not in weights, so that a change of weights carries over a call or two at most. The cost of a pick grows with the
 * number of endpoints: some microseconds for a thousand.
 */
export function weighted(): PickerFactory {
  return (ready) => {
    const total = ready.reduce((sum, { attributes }) => sum + attributes.weight, 0);
    return () => {
      let [most] = ready;
      for (const endpoint of ready) {
        endpoint.credit += endpoint.attributes.weight / total;
        if (endpoint.credit > most.credit) most = endpoint;
      }
      most.credit -= 1;
      return most;
    };
  };
}

/**
 * Of two random endpoints, the one with fewer calls in flight (gRFC A48). The least loaded of all would be worse: every
 * client would send its next call to the same idle instance.
 */
export function leastRequest(): PickerFactory {
  return (ready) => () => {
    const first = Math.floor(Math.random() * ready.length);
    const step = 1 + Math.floor(Math.random() * (ready.length - 1));
    const [one, other] = [ready[first]!, ready[(first + step) % ready.length]!];
    return other.callsInFlight < one.callsInFlight ? other : one;
  };
}

/** Picks among the endpoints of `zone` while one of them is connected, otherwise among all. */
export function zoneAware(zone: string, within: PickerFactory): PickerFactory {
  return (ready) => {
    const [local, ...others] = ready.filter(({ attributes }) => attributes.zone === zone);
    return within(local ? [local, ...others] : ready);
  };
}
