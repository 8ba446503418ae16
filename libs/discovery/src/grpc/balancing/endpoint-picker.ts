import type { status } from '@grpc/grpc-js';
import { PickTarget, type PickTargets, type PickerFactory } from '../../calling/pickers.js';
import {
  type LeafLoadBalancer,
  type PickArgs,
  type Picker,
  type PickResult,
  PickResultType,
} from '../experimental.js';
import type { EndpointAttributes } from './endpoint-attributes.js';
import type { CallOutcomes } from './outlier-detector.js';

/** An endpoint and its connection. */
export class EndpointState extends PickTarget {
  readonly address: string;
  readonly leaf: InstanceType<typeof LeafLoadBalancer>;
  /** For outlier detection. */
  outcomes: CallOutcomes | undefined;

  constructor(address: string, leaf: EndpointState['leaf'], attributes: EndpointAttributes) {
    super(attributes);
    this.address = address;
    this.leaf = leaf;
  }

  override readonly onCallEnded = (code?: status): void => {
    this.callsInFlight -= 1;
    if (code !== undefined) this.outcomes?.count(code);
  };
}

/** Lets a {@link PickerFactory} choose among connected endpoints. */
export class EndpointPicker implements Picker {
  readonly #pickEndpoint: () => EndpointState;

  constructor(ready: PickTargets<EndpointState>, createPicker: PickerFactory) {
    this.#pickEndpoint = createPicker(ready);
  }

  pick(args: PickArgs): PickResult {
    const endpoint = this.#pickEndpoint();
    const result = endpoint.leaf.getPicker().pick(args);
    if (result.pickResultType !== PickResultType.COMPLETE) return result;
    // A leaf is a pick_first: it returns a new object for each pick, and its own callbacks are null.
    result.onCallStarted = endpoint.onCallStarted;
    result.onCallEnded = endpoint.onCallEnded;
    return result;
  }
}
