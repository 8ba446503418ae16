import {
  type Interceptor,
  type InterceptorOptions,
  Metadata,
  status,
  type StatusObject,
} from '@grpc/grpc-js';
import { RetryBudget, type RetryOptions } from '../../calling/retry-budget.js';
import { assertInteger } from '../../model/invalid-option.js';
import { jitter } from '../../runtime/backoff.js';
import type { ConnectivityTracker } from './connectivity-tracker.js';
import {
  asInterceptingCall,
  type Call,
  type CallListener,
  type NextCall,
  reachedAddress,
} from './intercepting-call.js';

export interface RetrySettings extends RetryOptions {
  /** Paths of the methods that may be retried, `/package.Service/Method`: see the function `idempotentMethods`. */
  readonly idempotentMethods: ReadonlySet<string>;
}

/** Metadata that retries carry: how many attempts came before (gRFC A6). */
const previousAttemptsKey = 'grpc-previous-rpc-attempts';

/** Metadata of a server that knows when a retry may succeed, in ms; negative: never (gRFC A6). */
const pushbackKey = 'grpc-retry-pushback-ms';

/** Delay before the second retry, in ms; it doubles for each further one. The first retry has none. */
const retryDelayMs = 10;

interface RetryPolicy {
  readonly maxRetries: number;
  readonly maxRetriesAfterLoss: number;
  readonly budget: RetryBudget;
  readonly connectivity: ConnectivityTracker | undefined;
}

/**
 * Retries an idempotent unary call when its instance fails. A retry policy cannot retry after the response headers, which
 * commit a call (gRFC A6), so it loses the calls that a killed server has begun to answer. This interceptor holds the
 * response back until its status is known. It retries on UNAVAILABLE, and on a CANCELLED that the caller did not
 * request (from a server that was shut down by force), within the deadline and a {@link RetryBudget}. Interceptors that add
 * metadata belong before it; those after it run for each attempt.
 * @param connectivity of the channel, if calls wait for it: a call that waited without success is not retried.
 * @throws {DiscoveryError} INVALID_OPTION.
 */
export function retryInterceptor(
  { idempotentMethods, maxRetries = 4, maxRetriesAfterLoss = maxRetries, budget }: RetrySettings,
  connectivity?: ConnectivityTracker,
): Interceptor {
  assertInteger('maxRetries', maxRetries, 0, 100);
  assertInteger('maxRetriesAfterLoss', maxRetriesAfterLoss, 0, 100);
  const policy: RetryPolicy = {
    maxRetries,
    maxRetriesAfterLoss,
    budget: new RetryBudget(budget),
    connectivity,
  };
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
  /** The instances whose connection was lost under an attempt. */
  #lostAt: string[] | undefined;
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
    this.#metadata = metadata;
    this.#listener = listener;
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
    if (this.#cancelRetry) this.#endWaiting({ code, details, metadata: new Metadata() });
    else this.#attempt.cancelWithStatus(code, details);
  }

  getPeer(): string {
    return this.#attempt.getPeer();
  }

  getAuthContext(): ReturnType<Call['getAuthContext']> {
    return this.#attempt.getAuthContext();
  }

  /** Retries, or passes the response on to the caller. */
  onAttemptEnded(result: StatusObject, headers: Metadata | undefined, message: unknown): void {
    const { budget } = this.#policy;
    if (result.code === status.OK) budget.earn();
    else if (this.#isRetryable(result.code)) {
      const withinBudget = budget.spend();
      const lostAt = lostAddress(this.#attempt, result);
      if (lostAt !== undefined) (this.#lostAt ??= []).push(lostAt);
      const delayMs = this.#retryDelay(result);
      if (withinBudget && delayMs !== undefined) return this.#retry(result, delayMs);
    }
    if (headers) this.#listener.onReceiveMetadata?.(headers);
    this.#listener.onReceiveMessage?.(message);
    this.#listener.onReceiveStatus?.(this.#explain(result));
  }

  #isRetryable(code: status): boolean {
    if (this.#cancelled || this.#options.parent?.cancelled) return false;
    return code === status.UNAVAILABLE || code === status.CANCELLED;
  }

  /** In ms; undefined if the call must not be retried. */
  #retryDelay({ metadata }: StatusObject): number | undefined {
    const { maxRetries, maxRetriesAfterLoss, connectivity } = this.#policy;
    const waitExpired = connectivity !== undefined && !connectivity.ready && connectivity.remainingMs <= 0;
    if (waitExpired || this.#retries >= maxRetries || (this.#lostAt?.length ?? 0) > maxRetriesAfterLoss)
      return;
    const [pushback] = metadata.get(pushbackKey);
    const delayMs =
      pushback === undefined
        ? this.#retries === 0
          ? 0
          : jitter(retryDelayMs * 2 ** (this.#retries - 1))
        : parsePushback(pushback);
    const timeLeftMs = Number(this.#options.deadline ?? Infinity) - Date.now();
    return delayMs !== undefined && delayMs < timeLeftMs ? delayMs : undefined;
  }

  #retry(failed: StatusObject, delayMs: number): void {
    this.#retries += 1;
    const start = () => {
      this.#cancelRetry?.();
      this.#cancelRetry = undefined;
      this.#startAttempt(failed);
    };
    // Before the deadline; and it keeps the process alive, as any call in flight does.
    const timer = setTimeout(start, delayMs);
    this.#cancelRetry = () => clearTimeout(timer);
  }

  #startAttempt(failed: StatusObject): void {
    // A clone: the caller may use its metadata for other calls.
    const metadata = this.#metadata.clone();
    metadata.set(previousAttemptsKey, String(this.#retries));
    try {
      this.#attempt = this.#nextCall(this.#options);
    } catch {
      // grpc-js throws if the client was closed meanwhile.
      return this.#endWaiting(failed);
    }
    this.#attempt.start(metadata, new ResponseBuffer(this));
    this.#attempt.sendMessage(this.#message);
    this.#attempt.halfClose();
  }

  /** Ends a call that has no attempt in flight. */
  #endWaiting(result: StatusObject): void {
    this.#cancelRetry?.();
    this.#cancelRetry = undefined;
    this.#listener.onReceiveMessage?.(null);
    this.#listener.onReceiveStatus?.(result);
  }

  /** Says why a call is not retried that may have crashed its instances. */
  #explain(result: StatusObject): StatusObject {
    const lostAt = this.#lostAt;
    if (!lostAt || lostAt.length <= this.#policy.maxRetriesAfterLoss || result.code === status.OK)
      return result;
    const details = `${result.details} (not retried: the connection was lost while the call was in flight, at ${lostAt.join(' and at ')}; the call may have crashed the instance)`;
    return { ...result, details };
  }
}

/**
 * The instance whose connection was lost while the attempt was in flight: the attempt was sent, and it was not the instance
 * that ended it. The status of an instance is OK or comes with metadata, at least a content type; grpc-js makes one up
 * without any. An instance that refuses the stream has not processed it.
 */
function lostAddress(attempt: Call, { code, metadata, details }: StatusObject): string | undefined {
  if (code !== status.UNAVAILABLE && code !== status.CANCELLED) return undefined;
  if (details === 'Stream refused by server' || Object.keys(metadata.getMap()).length > 0) return undefined;
  return reachedAddress(attempt);
}

/** Undefined if the server asks for no retry, or for something unreadable. */
function parsePushback(value: string | Buffer): number | undefined {
  const text = String(value);
  return /^\d{1,9}$/.test(text) ? Number(text) : undefined;
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
