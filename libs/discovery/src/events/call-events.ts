import type { EventInstance } from './event-instance.js';

/**
 * What the events of one call have in common: the same object in all of them, so that a listener may use it as the key of a
 * `WeakMap`.
 */
export interface EventCall {
  readonly protocol: 'grpc' | 'http';
  /** Target of the channel, `consul:///inventory`, or origin of the request, `http://inventory`. Empty if it is unknown. */
  readonly target: string;
  /** The service that `target` names. */
  readonly service: string;
  /** `/package.Service/Method`, or the method of an HTTP request. */
  readonly method: string;
  /**
   * Whether `method` is one of a fixed set: of the stub of a client, or named in its options. Others may come from outside,
   * as in a proxy, and their number has no bound.
   */
  readonly isKnownMethod: boolean;
}

/** Headers of a request. gRPC calls them metadata. */
export interface EventHeaders {
  /** All values of a header. */
  get(name: string): readonly unknown[];
}

/** Headers of one attempt, to which a tracer adds its own. */
export interface AttemptHeaders extends EventHeaders {
  /** Replaces the values of a header. */
  set(name: string, value: string): void;
}

/** A call begins. Emitted in the asynchronous context of its caller. */
export interface CallStartEvent {
  readonly type: 'call-start';
  readonly call: EventCall;
  /** As the caller has set them. */
  readonly headers: EventHeaders;
}

/** A call has ended. */
export interface CallEvent {
  readonly type: 'call';
  readonly call: EventCall;
  readonly outcome: 'success' | 'failure' | 'cancelled';
  /** As in {@link AttemptEvent}. */
  readonly code: number | string;
  /** Why it failed. */
  readonly error: string | undefined;
  /** Attempts in place of one that had failed or timed out. */
  readonly retries: number;
  /** Attempts that were sent beside another one, which took too long. */
  readonly hedges: number;
  /** Whether an attempt failed that was not retried, because the retry budget was spent. */
  readonly isBudgetSpent: boolean;
  readonly durationMs: number;
}

/** An attempt of a call begins. It is not sent yet: an instance has to be picked, and perhaps to be waited for. */
export interface AttemptStartEvent {
  readonly type: 'attempt-start';
  readonly call: EventCall;
  /** 1 for the first attempt of a call. */
  readonly attempt: number;
  /** Why there is another attempt; undefined for the first one. */
  readonly reason: RetryEvent['reason'] | undefined;
  /** Whether it begins beside another attempt. It is sent only if there is another instance. */
  readonly isHedge: boolean;
  readonly headers: AttemptHeaders;
}

/** An attempt of a call has ended. */
export interface AttemptEvent {
  readonly type: 'attempt';
  /** Undefined if the call began while nobody listened. */
  readonly call: EventCall | undefined;
  readonly protocol: 'grpc' | 'http';
  readonly service: string;
  /** Undefined if no instance was picked. */
  readonly instance: EventInstance | undefined;
  /** `/package.Service/Method`, or the method of an HTTP request. */
  readonly method: string;
  /** 1 for the first attempt of a call. */
  readonly attempt: number;
  /** Whether it began beside another attempt. Of those, only the ones that were sent have an event. */
  readonly isHedge: boolean;
  readonly outcome: 'success' | 'failure' | 'cancelled';
  /** The gRPC status, the HTTP status, or the code of a socket error. */
  readonly code: number | string;
  /** Why it failed. */
  readonly error: string | undefined;
  /** From its start until it was sent, or its end if it was not, in ms. */
  readonly waitedMs: number;
  /** Since it was sent; 0 if it was not. */
  readonly durationMs: number;
}

/** A call is attempted again, after a failure or beside an attempt that takes too long. */
export interface RetryEvent {
  readonly type: 'retry';
  readonly protocol: 'grpc' | 'http';
  readonly service: string;
  readonly method: string;
  /** The number of the attempt that begins: at least 2. */
  readonly attempt: number;
  readonly reason: 'failed' | 'connection-lost' | 'slow';
}
