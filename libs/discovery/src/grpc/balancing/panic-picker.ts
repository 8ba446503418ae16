import { type Picker, type PickResult, PickResultType, type SubchannelInterface } from '../experimental.js';

/**
 * Calls endpoints that are connected but were all taken out for their errors: one that may fail is better than none.
 * gRFC A50 has no such rule; Envoy, where outlier detection comes from, calls it panic.
 */
export class PanicPicker implements Picker {
  readonly #connected: readonly [SubchannelInterface, ...SubchannelInterface[]];
  #next = 0;

  constructor(connected: readonly [SubchannelInterface, ...SubchannelInterface[]]) {
    this.#connected = connected;
  }

  pick(): PickResult {
    return {
      pickResultType: PickResultType.COMPLETE,
      subchannel: this.#connected[this.#next++ % this.#connected.length]!,
      status: null,
      onCallStarted: null,
      onCallEnded: null,
    };
  }
}
