import type { LeafLoadBalancer } from '../experimental.js';
import type { EndpointAttributes } from './endpoint-attributes.js';

/** An endpoint of a list and what a policy remembers of it. The same object for as long as the endpoint is listed. */
export class EndpointState {
  readonly leaf: InstanceType<typeof LeafLoadBalancer>;
  attributes: EndpointAttributes;
  /** Calls that were sent to it and have not ended. */
  inFlight = 0;
  /** The part of a call that it is owed: see {@link weighted}. Random, lest all clients begin with the same instance. */
  credit = Math.random();

  constructor(leaf: InstanceType<typeof LeafLoadBalancer>, traits: EndpointAttributes) {
    this.leaf = leaf;
    this.attributes = traits;
  }

  readonly callStarted = (): void => {
    this.inFlight += 1;
  };

  readonly callEnded = (): void => {
    this.inFlight -= 1;
  };
}
