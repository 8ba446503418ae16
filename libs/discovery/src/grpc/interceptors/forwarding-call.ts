import type { Metadata, status, StatusObject } from '@grpc/grpc-js';
import type { Call, CallListener } from './intercepting-call.js';

/** Passes everything on, in both directions; what a subclass observes or changes, it overrides. */
export abstract class ForwardingCall implements Call, CallListener {
  protected readonly call: Call;
  #listener: CallListener = {};

  constructor(call: Call) {
    this.call = call;
  }

  start(metadata: Metadata, listener: CallListener = {}): void {
    this.#listener = listener;
    this.call.start(metadata, this);
  }

  onReceiveMetadata(metadata: Metadata): void {
    this.#listener.onReceiveMetadata?.(metadata);
  }

  onReceiveMessage(message: unknown): void {
    this.#listener.onReceiveMessage?.(message);
  }

  onReceiveStatus(result: StatusObject): void {
    this.#listener.onReceiveStatus?.(result);
  }

  sendMessageWithContext(context: Parameters<Call['sendMessageWithContext']>[0], message: unknown): void {
    this.call.sendMessageWithContext(context, message);
  }

  sendMessage(message: unknown): void {
    this.call.sendMessage(message);
  }

  halfClose(): void {
    this.call.halfClose();
  }

  startRead(): void {
    this.call.startRead();
  }

  cancelWithStatus(code: status, details: string): void {
    this.call.cancelWithStatus(code, details);
  }

  getPeer(): string {
    return this.call.getPeer();
  }

  getAuthContext(): ReturnType<Call['getAuthContext']> {
    return this.call.getAuthContext();
  }
}
