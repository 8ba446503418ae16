import { isolatedEndpoint } from '../../calling/crash-isolation.js';
import { HealthyPicker } from '../../calling/healthy-picker.js';
import type { PickTargets, PickerFactory } from '../../calling/pickers.js';
import { type Attempt, attemptOf } from '../attempt.js';
import { type PickArgs, type Picker, type PickResult, PickResultType } from '../experimental.js';
import type { EndpointState } from './endpoint-state.js';

/** How soon an attempt that waits to be alone at an endpoint is picked again, in ms. */
const repickMs = 10;

const queued: PickResult = {
  pickResultType: PickResultType.QUEUE,
  subchannel: null,
  status: null,
  onCallStarted: null,
  onCallEnded: null,
};

/** Picks among connected endpoints. */
export class EndpointPicker implements Picker {
  readonly #endpoints: HealthyPicker<EndpointState>;
  readonly #repickIn: (ms: number) => void;

  /** `repickIn` publishes another picker after some ms, by which calls that wait are picked again. */
  constructor(
    ready: PickTargets<EndpointState>,
    createPicker: PickerFactory,
    repickIn: (ms: number) => void,
  ) {
    this.#endpoints = new HealthyPicker(ready, createPicker);
    this.#repickIn = repickIn;
  }

  pick(args: PickArgs): PickResult {
    const attempt = attemptOf(args.metadata);
    const endpoint = attempt ? this.#pickFor(attempt) : this.#endpoints.pick();
    if (!endpoint) return queued;
    const result = endpoint.leaf.getPicker().pick(args);
    if (result.pickResultType !== PickResultType.COMPLETE) return result;
    // A leaf is a pick_first: it returns a new object for each pick, and its own callbacks are null.
    if (attempt) {
      const { isolation } = attempt;
      const isIsolated = isolation !== undefined && endpoint.isolated === isolation;
      result.onCallStarted = () => {
        endpoint.onCallStarted();
        attempt.onSent(endpoint);
      };
      result.onCallEnded = (code) => {
        // That the client cancels an attempt which another one has overtaken is no outcome.
        endpoint.onCallEnded(attempt.overtaken ? undefined : code);
        if (!isIsolated) return;
        endpoint.isolated = undefined;
        this.#repickIn(0);
      };
    } else {
      result.onCallStarted = endpoint.onCallStarted;
      result.onCallEnded = endpoint.onCallEnded;
    }
    return result;
  }

  /** Undefined: none now. */
  #pickFor(attempt: Attempt): EndpointState | undefined {
    if (attempt.isolation) {
      const picked = isolatedEndpoint(this.#endpoints.healthy, attempt.isolation);
      if (!picked) this.#repickIn(repickMs);
      if (picked !== 'any') return picked;
    }
    const endpoint = this.#endpoints.pickFor(attempt);
    return attempt.elsewhere && attempt.avoid.includes(endpoint) ? undefined : endpoint;
  }
}
