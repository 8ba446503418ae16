import { connectivityState } from '@grpc/grpc-js';
import type { ConnectionEvent } from '../../events/discovery-events.js';
import { events } from '../../events/event-source.js';
import type { Endpoint } from '../experimental.js';
import { endpointAddress, endpointAttributes } from './endpoint-attributes.js';

type State = ConnectionEvent['state'];

const names: Readonly<Record<connectivityState, State>> = {
  [connectivityState.IDLE]: 'idle',
  [connectivityState.CONNECTING]: 'connecting',
  [connectivityState.READY]: 'ready',
  [connectivityState.TRANSIENT_FAILURE]: 'transient-failure',
  [connectivityState.SHUTDOWN]: 'removed',
};

/** Emits the changes of one endpoint's connection. */
export class ConnectionReporter {
  readonly #endpoint: Endpoint;
  #state: State = 'idle';
  /** That of grpc-js, while it is connected. */
  #subchannel: object | undefined;

  constructor(endpoint: Endpoint) {
    this.#endpoint = endpoint;
  }

  /** SHUTDOWN: the endpoint was removed from the list. */
  report(connectivity: connectivityState, error?: string | null, subchannel?: object): void {
    const previousState = this.#state;
    const state = names[connectivity];
    const connection = subchannel ?? this.#subchannel;
    this.#state = state;
    this.#subchannel = subchannel;
    // A failing endpoint reports each failed attempt.
    if (!events.connection.hasListeners || (state === previousState && !error)) return;
    const { id, service, target } = endpointAttributes(this.#endpoint);
    const instance = { id, address: endpointAddress(this.#endpoint) };
    events.connection.emit({
      type: 'connection',
      ...(target !== undefined && { target }),
      service,
      instance,
      state,
      previousState,
      ...(connection && { connection }),
      ...(error && { error }),
    });
  }
}
