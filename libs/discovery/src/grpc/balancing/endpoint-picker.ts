import type { status } from '@grpc/grpc-js';
import { PickTarget, type PickTargets, type PickerFactory } from '../../calling/pickers.js';
import type { EndpointHealth } from '../../calling/endpoint-health.js';
import type { EventInstance } from '../../events/discovery-events.js';
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
import type { CallOutcomes } from './outlier-detector.js';

/** An endpoint and its connection. */
export class EndpointState extends PickTarget implements AttemptEndpoint {
  readonly address: string;
  /** For events. */
  readonly service: string;
  readonly instance: EventInstance;
  readonly leaf: InstanceType<typeof LeafLoadBalancer>;
  readonly health: EndpointHealth;
  isolated: Attempt | undefined;
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
    // It returns a new object for each pick.
    if (attempt) {
      const isIsolated = endpoint.isolated === attempt;
      result.onCallStarted = () => {
        endpoint.onCallStarted();
        attempt.onSent(endpoint);
      };
      result.onCallEnded = (code) => {
        // That the client cancels an attempt which another one has overtaken is no outcome.
        endpoint.onCallEnded(attempt.overtaken ? undefined : code);
        if (isIsolated) this.#isolation.ended(endpoint);
      };
    } else {
      result.onCallStarted = endpoint.onCallStarted;
      result.onCallEnded = endpoint.onCallEnded;
    }
    return result;
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
