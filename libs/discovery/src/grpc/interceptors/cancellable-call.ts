import type { EventEmitter } from 'node:events';
import { type Metadata, status, type StatusObject } from '@grpc/grpc-js';
import type { ListEntry } from '../../runtime/linked-list.js';
import { ForwardingCall } from './forwarding-call.js';
import type { Call, CallListener } from './intercepting-call.js';
import type { OutgoingCall, OutgoingCalls } from './outgoing-calls.js';

/** The option `parent` of grpc-js. */
type Parent = EventEmitter & { readonly cancelled: boolean };

/** A call that is cancelled with its incoming call. */
export class CancellableCall extends ForwardingCall implements OutgoingCall {
  readonly #siblings: OutgoingCalls | undefined;
  readonly #parent: Parent | undefined;
  #entry: ListEntry<OutgoingCall> | undefined;
  readonly onIncomingCancelled = (): void =>
    this.call.cancelWithStatus(status.CANCELLED, 'the incoming call has ended');

  constructor(call: Call, siblings: OutgoingCalls | undefined, parent: Parent | undefined) {
    super(call);
    this.#siblings = siblings;
    this.#parent = parent;
  }

  override start(metadata: Metadata, listener?: CallListener): void {
    this.#entry = this.#siblings?.add(this);
    this.#parent?.once('cancelled', this.onIncomingCancelled);
    super.start(metadata, listener);
    // A `parent` that is cancelled already emits nothing more, so that grpc-js would let the call run.
    if (this.#siblings?.cancelled || this.#parent?.cancelled) this.onIncomingCancelled();
  }

  override onReceiveStatus(result: StatusObject): void {
    if (this.#entry) this.#siblings?.remove(this.#entry);
    this.#entry = undefined;
    this.#parent?.off('cancelled', this.onIncomingCancelled);
    super.onReceiveStatus(result);
  }
}
