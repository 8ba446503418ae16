import {
  type InterceptorOptions,
  type Interceptor,
  Metadata,
  status,
  type StatusObject,
} from '@grpc/grpc-js';
import { asInterceptingCall, type Call, type CallListener, type NextCall } from './intercepting-call.js';

/**
 * Runs an interceptor of the user such that what it throws fails its own call, with INTERNAL. In grpc-js an exception of a
 * listener, or of any attempt after the first one, ends the process. Promises of an interceptor are its own to catch.
 */
export function guardedInterceptor(interceptor: Interceptor): Interceptor {
  return (options, nextCall) => asInterceptingCall(new GuardedCall(interceptor, options, nextCall));
}

class GuardedCall implements Call {
  /** The call of the interceptor. Undefined if it has thrown. */
  #call: Call | undefined;
  /** What the interceptor passes on to. */
  #nextCall: Call | undefined;
  #listener: CallListener = {};
  #failure: StatusObject | undefined;
  #started = false;
  #ended = false;

  constructor(interceptor: Interceptor, options: InterceptorOptions, nextCall: NextCall) {
    this.#run(() => {
      this.#call = interceptor(options, (current) => this.#guard((this.#nextCall = nextCall(current))));
    });
  }

  start(metadata: Metadata, listener: CallListener = {}): void {
    this.#listener = listener;
    this.#started = true;
    if (this.#failure) return this.#end(this.#failure);
    this.#run(() =>
      this.#call?.start(metadata, {
        onReceiveMetadata: (headers) => this.#ended || listener.onReceiveMetadata?.(headers),
        onReceiveMessage: (message) => this.#ended || listener.onReceiveMessage?.(message),
        onReceiveStatus: (result) => {
          if (this.#ended) return;
          this.#ended = true;
          listener.onReceiveStatus?.(result);
        },
      }),
    );
  }

  sendMessageWithContext(context: Parameters<Call['sendMessageWithContext']>[0], message: unknown): void {
    this.#run(() => this.#call?.sendMessageWithContext(context, message));
  }

  sendMessage(message: unknown): void {
    this.sendMessageWithContext({}, message);
  }

  halfClose(): void {
    this.#run(() => this.#call?.halfClose());
  }

  startRead(): void {
    this.#run(() => this.#call?.startRead());
  }

  cancelWithStatus(code: status, details: string): void {
    this.#run(() => this.#call?.cancelWithStatus(code, details));
  }

  getPeer(): string {
    return this.#nextCall?.getPeer() ?? '';
  }

  getAuthContext(): ReturnType<Call['getAuthContext']> {
    return this.#nextCall?.getAuthContext() ?? null;
  }

  /** What the interceptor passes on to: grpc-js calls its listeners. */
  #guard(call: Call): Call {
    return {
      start: (metadata, listener: CallListener = {}) =>
        call.start(metadata, {
          onReceiveMetadata: (headers) => this.#run(() => listener.onReceiveMetadata?.(headers)),
          onReceiveMessage: (message) => this.#run(() => listener.onReceiveMessage?.(message)),
          onReceiveStatus: (result) => this.#run(() => listener.onReceiveStatus?.(result)),
        }),
      sendMessageWithContext: (context, message) => call.sendMessageWithContext(context, message),
      sendMessage: (message) => call.sendMessage(message),
      halfClose: () => call.halfClose(),
      startRead: () => call.startRead(),
      cancelWithStatus: (code, details) => call.cancelWithStatus(code, details),
      getPeer: () => call.getPeer(),
      getAuthContext: () => call.getAuthContext(),
    };
  }

  #run(work: () => void): void {
    if (this.#failure) return;
    try {
      work();
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      const details = `an interceptor has thrown: ${reason}`;
      this.#failure = { code: status.INTERNAL, details, metadata: new Metadata() };
      this.#nextCall?.cancelWithStatus(status.CANCELLED, details);
      if (this.#started) this.#end(this.#failure);
    }
  }

  /** Later, because the caller does not expect the status from within `start`. */
  #end(result: StatusObject): void {
    process.nextTick(() => {
      if (this.#ended) return;
      this.#ended = true;
      this.#listener.onReceiveMessage?.(null);
      this.#listener.onReceiveStatus?.(result);
    });
  }
}
