import { randomBytes } from 'node:crypto';
import {
  type Interceptor,
  type InterceptorOptions,
  Metadata,
  status,
  type StatusObject,
} from '@grpc/grpc-js';
import { startTimer } from '../../runtime/timers.js';
import type { ConnectivityTracker } from './connectivity-tracker.js';
import { asInterceptingCall, type Call, type CallListener, type NextCall } from './intercepting-call.js';
import { RetryBudget } from './retry-budget.js';

export interface RetrySettings {
  /** Paths of the methods that may be retried, `/package.Service/Method`: see the function `idempotentMethods`. */
  readonly idempotentMethods: ReadonlySet<string>;
  /** Retries of one call. Default 4. */
  readonly maxRetries?: number;
}

/** Metadata key of an id that all attempts of a call share, so that servers can recognize retries. */
export const requestIdKey = 'x-request-id';

/** Request ids are a prefix for the process and a counter: a UUID for each call costs fast calls some percent. */
const requestIdPrefix = randomBytes(9).toString('base64url');
let requestCount = 0;

/** Delay before the second retry, in ms; it doubles for each further one. The first retry has none. */
const retryDelayMs = 10;

interface RetryPolicy {
  readonly maxRetries: number;
  readonly budget: RetryBudget;
  readonly connectivity: ConnectivityTracker | undefined;
}

/**
 * Retries an idempotent unary call when its instance fails. A retry policy cannot retry after the response headers, which
 * commit a call (gRFC A6), so it loses the calls that a killed server has begun to answer. This interceptor holds the
 * response back until its status is known. It retries on UNAVAILABLE, and on a CANCELLED that the caller did not
 * request (from a server that was shut down by force), within the deadline and a {@link RetryBudget}. Interceptors that
 * add metadata belong before it; those after it run for each attempt.
 * @param connectivity of the channel, if calls wait for it: a call that waited without success is not retried.
 */
export function retryInterceptor(
  { idempotentMethods, maxRetries = 4 }: RetrySettings,
  connectivity?: ConnectivityTracker,
): Interceptor {
  const policy: RetryPolicy = { maxRetries, budget: new RetryBudget(), connectivity };
  return (options, nextCall) => {
    const { path, requestStream, responseStream } = options.method_definition;
    const retryable = !requestStream && !responseStream && idempotentMethods.has(path);
    return asInterceptingCall(retryable ? new RetryingCall(options, nextCall, policy) : nextCall(options));
  };
}

class RetryingCall implements Call {
  readonly #options: InterceptorOptions;
  readonly #nextCall: NextCall;
  readonly #policy: RetryPolicy;
  #attempt: Call;
  #retries = 0;
  #metadata!: Metadata;
  #message: unknown;
  #listener!: CallListener;
  #cancelled = false;
  #cancelRetry: (() => void) | undefined;

  constructor(options: InterceptorOptions, nextCall: NextCall, policy: RetryPolicy) {
    this.#options = options;
    this.#nextCall = nextCall;
    this.#policy = policy;
    this.#attempt = nextCall(options);
  }

  start(metadata: Metadata, listener: CallListener = {}): void {
    if (metadata.get(requestIdKey).length === 0)
      metadata.set(requestIdKey, `${requestIdPrefix}.${(requestCount++).toString(36)}`);
    this.#metadata = metadata;
    this.#listener = listener;
    // All attempts can share the metadata: grpc-js sends a copy.
    this.#attempt.start(metadata, new ResponseBuffer(this));
  }

  sendMessageWithContext(context: Parameters<Call['sendMessageWithContext']>[0], message: unknown): void {
    this.#message = message;
    this.#attempt.sendMessageWithContext(context, message);
  }

  sendMessage(message: unknown): void {
    this.sendMessageWithContext({}, message);
  }

  halfClose(): void {
    this.#attempt.halfClose();
  }

  startRead(): void {
    this.#attempt.startRead();
  }

  cancelWithStatus(code: status, details: string): void {
    this.#cancelled = true;
    if (this.#cancelRetry) {
      this.#cancelRetry();
      this.#listener.onReceiveStatus?.({ code, details, metadata: new Metadata() });
    } else {
      this.#attempt.cancelWithStatus(code, details);
    }
  }

  getPeer(): string {
    return this.#attempt.getPeer();
  }

  getAuthContext(): ReturnType<Call['getAuthContext']> {
    return this.#attempt.getAuthContext();
  }

  /** Retries, or passes the response on to the caller. */
  onAttemptEnded(result: StatusObject, headers: Metadata | undefined, message: unknown): void {
    if (result.code === status.OK) this.#policy.budget.earn();
    else if (this.#mayRetry(result)) return this.#retry(result);
    if (headers) this.#listener.onReceiveMetadata?.(headers);
    this.#listener.onReceiveMessage?.(message);
    this.#listener.onReceiveStatus?.(result);
  }

  #mayRetry({ code }: StatusObject): boolean {
    if (this.#cancelled || (code !== status.UNAVAILABLE && code !== status.CANCELLED)) return false;
    const { maxRetries, budget, connectivity } = this.#policy;
    const withinBudget = budget.spend();
    const waitExpired = connectivity !== undefined && !connectivity.ready && connectivity.remainingMs <= 0;
    return (
      withinBudget &&
      !waitExpired &&
      this.#retries < maxRetries &&
      Date.now() < Number(this.#options.deadline ?? Infinity)
    );
  }

  #retry(failed: StatusObject): void {
    this.#retries += 1;
    const delayMs = this.#retries === 1 ? 0 : retryDelayMs * 2 ** (this.#retries - 2);
    this.#cancelRetry = startTimer(delayMs, () => {
      this.#cancelRetry = undefined;
      try {
        this.#attempt = this.#nextCall(this.#options);
      } catch {
        // grpc-js throws if the client was closed meanwhile.
        return this.#listener.onReceiveStatus?.(failed);
      }
      this.#attempt.start(this.#metadata, new ResponseBuffer(this));
      this.#attempt.sendMessage(this.#message);
      this.#attempt.halfClose();
    });
  }
}

/** Holds the response of one attempt back until its status is known. */
class ResponseBuffer implements CallListener {
  readonly #call: RetryingCall;
  #headers: Metadata | undefined;
  #message: unknown = null;

  constructor(call: RetryingCall) {
    this.#call = call;
  }

  onReceiveMetadata(headers: Metadata): void {
    this.#headers = headers;
  }

  onReceiveMessage(message: unknown): void {
    this.#message = message;
  }

  onReceiveStatus(result: StatusObject): void {
    this.#call.onAttemptEnded(result, this.#headers, this.#message);
  }
}
