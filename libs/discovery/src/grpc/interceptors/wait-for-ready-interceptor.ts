import { type Interceptor, type InterceptorOptions, Metadata, status } from '@grpc/grpc-js';
import { type Call, passOn } from './intercepting-call.js';
import type { ConnectivityTracker } from './connectivity-tracker.js';

type Next = Parameters<Interceptor>[1];
type CallListener = NonNullable<Parameters<Call['start']>[1]>;

/**
 * Holds a call back while no instance is ready, for as long as {@link ConnectivityTracker} is patient, so that the restart of an
 * only instance costs time and no failure. Nothing was sent by then: it is right for any method. grpc-js' own
 * `waitForReady` waits for the whole deadline, and in a service config it is parsed and ignored; a call that sets it on
 * its metadata is left to it.
 */
export function waitForReadyInterceptor(readiness: ConnectivityTracker): Interceptor {
  return (options, next) =>
    readiness.ready ? passOn(next(options)) : passOn(new WaitingCall(options, next, readiness));
}

class WaitingCall implements Call {
  readonly #options: InterceptorOptions;
  readonly #next: Next;
  readonly #readiness: ConnectivityTracker;
  /** What the caller did while there was nobody to call. */
  #steps: ((call: Call) => void)[] = [];
  #call: Call | undefined;
  #listener: CallListener = {};
  #stopWaiting = () => {};
  #over = false;

  constructor(options: InterceptorOptions, next: Next, readiness: ConnectivityTracker) {
    this.#options = options;
    this.#next = next;
    this.#readiness = readiness;
  }

  start(metadata: Metadata, listener: CallListener = {}): void {
    this.#listener = listener;
    this.#do((call) => call.start(metadata, listener));
    if (metadata.getOptions().waitForReady) return this.#go();
    const untilMs = Math.min(
      this.#readiness.patienceMs,
      Number(this.#options.deadline ?? Infinity) - Date.now(),
    );
    if (untilMs <= 0) return this.#giveUp();
    // It keeps the process alive, as any call in flight does.
    const timer = setTimeout(() => this.#giveUp(), untilMs);
    const cancel = this.#readiness.whenReady(() => this.#go());
    this.#stopWaiting = () => {
      clearTimeout(timer);
      cancel();
    };
  }

  sendMessageWithContext(context: Parameters<Call['sendMessageWithContext']>[0], message: unknown): void {
    this.#do((call) => call.sendMessageWithContext(context, message));
  }

  sendMessage(message: unknown): void {
    this.sendMessageWithContext({}, message);
  }

  halfClose(): void {
    this.#do((call) => call.halfClose());
  }

  startRead(): void {
    this.#do((call) => call.startRead());
  }

  cancelWithStatus(code: status, details: string): void {
    if (this.#call) this.#call.cancelWithStatus(code, details);
    else this.#end(code, details);
  }

  getPeer(): string {
    return this.#call?.getPeer() ?? '';
  }

  getAuthContext(): ReturnType<Call['getAuthContext']> {
    return this.#call?.getAuthContext() ?? null;
  }

  #do(step: (call: Call) => void): void {
    if (this.#call) step(this.#call);
    else this.#steps.push(step);
  }

  #go(): void {
    if (this.#readiness.closed) return this.#end(status.CANCELLED, 'the client was closed');
    if (this.#over) return;
    this.#over = true;
    this.#stopWaiting();
    this.#call = this.#next(this.#options);
    for (const step of this.#steps.splice(0)) step(this.#call);
  }

  /** Where the channel knows why nobody answers, the call is made after all: it fails at once, with the reason. */
  #giveUp(): void {
    // A timer may fire a millisecond before its time.
    if (Date.now() + 1 >= Number(this.#options.deadline ?? Infinity)) {
      return this.#end(status.DEADLINE_EXCEEDED, 'no instance was ready before the deadline');
    }
    if (this.#readiness.failing || this.#readiness.closed) return this.#go();
    this.#end(
      status.UNAVAILABLE,
      'no instance was ready in time, and none has failed: nobody has said yet where one is',
    );
  }

  #end(code: status, details: string): void {
    if (this.#over) return;
    this.#over = true;
    this.#stopWaiting();
    // Not before `start` has returned: whoever starts a call does not expect its end from within.
    process.nextTick(() => {
      this.#listener.onReceiveMessage?.(null);
      this.#listener.onReceiveStatus?.({ code, details, metadata: new Metadata() });
    });
  }
}
