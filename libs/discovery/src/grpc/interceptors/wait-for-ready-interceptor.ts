import { type Interceptor, type InterceptorOptions, Metadata, status } from '@grpc/grpc-js';
import type { ConnectivityTracker } from './connectivity-tracker.js';
import { asInterceptingCall, type Call, type CallListener, type NextCall } from './intercepting-call.js';

/**
 * Holds a call back while no instance is ready, for a bounded time (see {@link ConnectivityTracker}), so that the
 * restart of an only instance costs time but no failure. Nothing has been sent by then, so it applies to any method. The
 * `waitForReady` of grpc-js waits for the whole deadline, and is ignored in a service config; a call that sets it on its
 * metadata keeps that behaviour.
 */
export function waitForReadyInterceptor(connectivity: ConnectivityTracker): Interceptor {
  return (options, nextCall) =>
    asInterceptingCall(
      connectivity.ready ? nextCall(options) : new WaitingCall(options, nextCall, connectivity),
    );
}

class WaitingCall implements Call {
  readonly #options: InterceptorOptions;
  readonly #nextCall: NextCall;
  readonly #connectivity: ConnectivityTracker;
  /** Operations of the caller, until the call is started. */
  #queue: ((call: Call) => void)[] = [];
  #call: Call | undefined;
  #listener: CallListener = {};
  #stopWaiting = () => {};
  /** Whether the call was started or has failed. */
  #settled = false;

  constructor(options: InterceptorOptions, nextCall: NextCall, connectivity: ConnectivityTracker) {
    this.#options = options;
    this.#nextCall = nextCall;
    this.#connectivity = connectivity;
  }

  start(metadata: Metadata, listener: CallListener = {}): void {
    this.#listener = listener;
    this.#enqueue((call) => call.start(metadata, listener));
    if (metadata.getOptions().waitForReady) return this.#startCall();
    const waitMs = Math.min(
      this.#connectivity.remainingMs,
      Number(this.#options.deadline ?? Infinity) - Date.now(),
    );
    if (waitMs <= 0) return this.#onTimeout();
    // Keeps the process alive, as any call in flight does.
    const timer = setTimeout(() => this.#onTimeout(), waitMs);
    const cancel = this.#connectivity.whenReady(() => this.#startCall());
    this.#stopWaiting = () => {
      clearTimeout(timer);
      cancel();
    };
  }

  sendMessageWithContext(context: Parameters<Call['sendMessageWithContext']>[0], message: unknown): void {
    this.#enqueue((call) => call.sendMessageWithContext(context, message));
  }

  sendMessage(message: unknown): void {
    this.sendMessageWithContext({}, message);
  }

  halfClose(): void {
    this.#enqueue((call) => call.halfClose());
  }

  startRead(): void {
    this.#enqueue((call) => call.startRead());
  }

  cancelWithStatus(code: status, details: string): void {
    if (this.#call) this.#call.cancelWithStatus(code, details);
    else this.#fail(code, details);
  }

  getPeer(): string {
    return this.#call?.getPeer() ?? '';
  }

  getAuthContext(): ReturnType<Call['getAuthContext']> {
    return this.#call?.getAuthContext() ?? null;
  }

  #enqueue(operation: (call: Call) => void): void {
    if (this.#call) operation(this.#call);
    else this.#queue.push(operation);
  }

  #startCall(): void {
    if (this.#connectivity.closed) return this.#fail(status.CANCELLED, 'the client was closed');
    if (this.#settled) return;
    this.#settled = true;
    this.#stopWaiting();
    this.#call = this.#nextCall(this.#options);
    for (const operation of this.#queue.splice(0)) operation(this.#call);
  }

  #onTimeout(): void {
    // A timer may fire a millisecond early.
    if (Date.now() + 1 >= Number(this.#options.deadline ?? Infinity)) {
      return this.#fail(status.DEADLINE_EXCEEDED, 'no instance was ready before the deadline');
    }
    // The channel knows why no instance is ready: the call fails at once, with that reason.
    if (this.#connectivity.failing || this.#connectivity.closed) return this.#startCall();
    this.#fail(
      status.UNAVAILABLE,
      'no instance was ready in time: the resolver has not returned any, or none has accepted or refused a connection',
    );
  }

  #fail(code: status, details: string): void {
    if (this.#settled) return;
    this.#settled = true;
    this.#stopWaiting();
    // Later, because the caller does not expect the status from within `start`.
    process.nextTick(() => {
      this.#listener.onReceiveMessage?.(null);
      this.#listener.onReceiveStatus?.({ code, details, metadata: new Metadata() });
    });
  }
}
