import type { EventEmitter } from 'node:events';
import { type Metadata, status, type StatusObject } from '@grpc/grpc-js';
import type { ListEntry } from '../../runtime/linked-list.js';
import type { Call, CallListener } from './intercepting-call.js';
import type { OutgoingCall, OutgoingCalls } from './outgoing-calls.js';

/** The option `parent` of grpc-js. */
type Parent = EventEmitter & { readonly cancelled: boolean };

/** A call that is cancelled with its incoming call. */
export class CancellableCall implements Call, OutgoingCall {
  readonly #call: Call;
  readonly #siblings: OutgoingCalls | undefined;
  readonly #parent: Parent | undefined;
  #listener: CallListener = {};
  #entry: ListEntry<OutgoingCall> | undefined;
  readonly onIncomingCancelled = (): void =>
    this.#call.cancelWithStatus(status.CANCELLED, 'the incoming call has ended');

  constructor(call: Call, siblings: OutgoingCalls | undefined, parent: Parent | undefined) {
    this.#call = call;
    this.#siblings = siblings;
    this.#parent = parent;
  }

  start(metadata: Metadata, listener: CallListener = {}): void {
    this.#listener = listener;
    this.#entry = this.#siblings?.add(this);
    this.#parent?.once('cancelled', this.onIncomingCancelled);
    this.#call.start(metadata, this);
    // A `parent` that is cancelled already emits nothing more, so that grpc-js would let the call run.
    if (this.#siblings?.cancelled || this.#parent?.cancelled) this.onIncomingCancelled();
  }

  onReceiveMetadata(metadata: Metadata): void {
    this.#listener.onReceiveMetadata?.(metadata);
  }

  onReceiveMessage(message: unknown): void {
    this.#listener.onReceiveMessage?.(message);
  }

  onReceiveStatus(result: StatusObject): void {
    if (this.#entry) this.#siblings?.remove(this.#entry);
    this.#entry = undefined;
    this.#parent?.off('cancelled', this.onIncomingCancelled);
    this.#listener.onReceiveStatus?.(result);
  }

  sendMessageWithContext(context: Parameters<Call['sendMessageWithContext']>[0], message: unknown): void {
    this.#call.sendMessageWithContext(context, message);
  }

  sendMessage(message: unknown): void {
    this.#call.sendMessage(message);
  }

  halfClose(): void {
    this.#call.halfClose();
  }

  startRead(): void {
    this.#call.startRead();
  }

  cancelWithStatus(code: status, details: string): void {
    this.#call.cancelWithStatus(code, details);
  }

  getPeer(): string {
    return this.#call.getPeer();
  }

  getAuthContext(): ReturnType<Call['getAuthContext']> {
    return this.#call.getAuthContext();
  }
}
