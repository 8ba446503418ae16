import { PickTarget, type PickTargets, type PickerFactory } from '../../calling/pickers.js';
import type { EndpointHealth } from '../../calling/endpoint-health.js';
import { type Attempt, type AttemptEndpoint, attemptOf } from '../attempt.js';
import {
  type LeafLoadBalancer,
  type PickArgs,
  type Picker,
  type PickResult,
  PickResultType,
} from '../experimental.js';
import type { CrashIsolation } from './crash-isolation.js';
import type { EndpointAttributes } from './endpoint-attributes.js';

/** An endpoint and its connection. */
export class EndpointState extends PickTarget implements AttemptEndpoint {
  readonly address: string;
  readonly leaf: InstanceType<typeof LeafLoadBalancer>;
  readonly health: EndpointHealth;
  isolated: Attempt | undefined;

  constructor(
    address: string,
    leaf: EndpointState['leaf'],
    attributes: EndpointAttributes,
    health: EndpointHealth,
  ) {
    super(attributes);
    this.address = address;
    this.leaf = leaf;
    this.health = health;
  }
}

const queued: PickResult = {
  pickResultType: PickResultType.QUEUE,
  subchannel: null,
  status: null,
  onCallStarted: null,
  onCallEnded: null,
};

/**
 * Lets a {@link PickerFactory} choose among the connected endpoints that are not suspected, or among all of them if every
 * one is.
 */
export class EndpointPicker implements Picker {
  readonly #ready: PickTargets<EndpointState>;
  readonly #suspected: readonly EndpointState[];
  readonly #isolation: CrashIsolation;
  readonly #pickEndpoint: () => EndpointState;

  constructor(ready: PickTargets<EndpointState>, createPicker: PickerFactory, isolation: CrashIsolation) {
    const [first, ...others] = ready.filter(({ health }) => health.suspectedAt === undefined);
    this.#ready = first ? [first, ...others] : ready;
    this.#suspected = first ? ready.filter(({ health }) => health.suspectedAt !== undefined) : [];
    this.#isolation = isolation;
    this.#pickEndpoint = createPicker(this.#ready);
  }

  pick(args: PickArgs): PickResult {
    const attempt = attemptOf(args.metadata);
    const endpoint = attempt ? this.#pickFor(attempt) : this.#pickEndpoint();
    if (!endpoint) return queued;
    const result = endpoint.leaf.getPicker().pick(args);
    if (result.pickResultType !== PickResultType.COMPLETE) return result;
    // A leaf is a pick_first, whose own callbacks are null.
    if (attempt) return new AttemptPick(result.subchannel, endpoint, attempt, this.#isolation);
    return { ...result, onCallStarted: endpoint.onCallStarted, onCallEnded: endpoint.onCallEnded };
  }

  /** Undefined: none now. */
  #pickFor(attempt: Attempt): EndpointState | undefined {
    if (attempt.lostAt !== undefined) {
      const picked = this.#isolation.pick(this.#ready, attempt, attempt.lostAt);
      if (picked !== 'any') return picked;
    }
    if (attempt.hedged && this.#suspected.length > 0) {
      const untried = this.#suspected.find(
        (endpoint) => endpoint.callsInFlight === 0 && !attempt.avoid.includes(endpoint),
      );
      if (untried?.health.shouldTry()) return untried;
    }
    const endpoint = this.#pickEndpoint();
    if (!attempt.avoid.includes(endpoint)) return endpoint;
    // The next ones, before any: policies go round, or pick at random.
    for (let i = 1; i < this.#ready.length; i++) {
      const next = this.#pickEndpoint();
      if (!attempt.avoid.includes(next)) return next;
    }
    const other = this.#ready.find((candidate) => !attempt.avoid.includes(candidate));
    return other ?? (attempt.elsewhere ? undefined : endpoint);
  }
}

/** The pick of an attempt. Its own properties only, because the outlier detection of grpc-js copies it. */
class AttemptPick implements PickResult {
  readonly pickResultType = PickResultType.COMPLETE;
  readonly status = null;
  readonly subchannel: PickResult['subchannel'];
  readonly onCallStarted: () => void;
  readonly onCallEnded: () => void;

  constructor(
    subchannel: PickResult['subchannel'],
    endpoint: EndpointState,
    attempt: Attempt,
    isolation: CrashIsolation,
  ) {
    this.subchannel = subchannel;
    this.onCallStarted = () => {
      endpoint.onCallStarted();
      attempt.onSent(endpoint);
    };
    if (endpoint.isolated === attempt) {
      this.onCallEnded = () => {
        endpoint.onCallEnded();
        isolation.ended(endpoint);
      };
    } else this.onCallEnded = endpoint.onCallEnded;
  }
}
