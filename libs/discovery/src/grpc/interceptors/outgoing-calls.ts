import { LinkedList, type ListEntry } from '../../runtime/linked-list.js';

export interface OutgoingCall {
  /** The incoming call was cancelled. */
  onIncomingCancelled(): void;
}

/**
 * Calls that an incoming call makes. One listener serves all of them: another one for each would cost more than the rest of what
 * the interceptors do, and Node warns of a leak at the eleventh.
 */
export class OutgoingCalls {
  readonly #signal: AbortSignal;
  readonly #calls = new LinkedList<OutgoingCall>();
  readonly #cancel = () => {
    for (const call of this.#calls.toArray()) call.onIncomingCancelled();
  };

  constructor(signal: AbortSignal) {
    this.#signal = signal;
  }

  get cancelled(): boolean {
    return this.#signal.aborted;
  }

  add(call: OutgoingCall): ListEntry<OutgoingCall> {
    if (this.#calls.isEmpty) this.#signal.addEventListener('abort', this.#cancel, { once: true });
    return this.#calls.add(call);
  }

  /** The signal may live for long: nothing stays on it. */
  remove(entry: ListEntry<OutgoingCall>): void {
    this.#calls.remove(entry);
    if (this.#calls.isEmpty) this.#signal.removeEventListener('abort', this.#cancel);
  }
}
