import type { status } from '@grpc/grpc-js';
import type { IsolatedAttempt } from '../../calling/crash-isolation.js';
import type { EndpointHealth } from '../../calling/endpoint-health.js';
import { PickTarget } from '../../calling/pickers.js';
import type { EventInstance } from '../../events/discovery-events.js';
import type { AttemptEndpoint } from '../attempt.js';
import type { LeafLoadBalancer } from '../experimental.js';
import type { EndpointAttributes } from './endpoint-attributes.js';
import type { CallOutcomes } from './outlier-detector.js';

/** An endpoint and its connection. */
export class EndpointState extends PickTarget implements AttemptEndpoint {
  readonly address: string;
  /** For events. */
  readonly service: string;
  readonly instance: EventInstance;
  readonly leaf: InstanceType<typeof LeafLoadBalancer>;
  readonly health: EndpointHealth;
  isolated: IsolatedAttempt | undefined;
  /** For outlier detection. */
  outcomes: CallOutcomes | undefined;

  constructor(
    address: string,
    leaf: EndpointState['leaf'],
    attributes: EndpointAttributes,
    health: EndpointHealth,
  ) {
    super(attributes);
    this.address = address;
    this.service = attributes.service;
    this.instance = { id: attributes.id, address };
    this.leaf = leaf;
    this.health = health;
  }

  override readonly onCallEnded = (code?: status): void => {
    this.callsInFlight -= 1;
    if (code !== undefined) this.outcomes?.count(code);
  };
}
