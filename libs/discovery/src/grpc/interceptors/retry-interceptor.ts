import { randomBytes } from 'node:crypto';
import {
  type Interceptor,
  type InterceptorOptions,
  Metadata,
  status,
  type StatusObject,
} from '@grpc/grpc-js';
import { startTimer } from '../../runtime/timers.js';
import { type Call, passOn } from './intercepting-call.js';
import type { ConnectivityTracker } from './connectivity-tracker.js';
import { RetryBudget } from './retry-budget.js';

export interface RetrySettings {
  /** Paths, `/package.Service/Method`, of the methods that may be sent again: see `idempotentMethods`. */
  readonly methods: ReadonlySet<string>;
  /** How often one call may be sent again. Default 4. */
  readonly maxRetries?: number;
  /** Shared by all calls of a channel. */
  readonly budget?: RetryBudget;
  /** Of the channel, where calls wait for it: what has waited in vain is not sent again. */
  readonly connectivity?: ConnectivityTracker;
}

/** Metadata key of an id that all attempts of a call share, so that servers can tell them from separate calls. */
export const requestIdKey = 'x-request-id';

/** A name for this process, and a number for each call: a UUID for each would cost the fast ones some percent. */
const issuer = randomBytes(9).toString('base64url');
let issued = 0;

/** Before the second re-issue of a call, in ms, doubled for each later one. The first goes at once. */
const retryDelayMs = 10;

type Next = Parameters<Interceptor>[1];
type CallListener = NonNullable<Parameters<Call['start']>[1]>;

/**
 * Sends an idempotent unary call again when its instance died under it. A retry policy cannot do that: once the first
 * header has come a call is committed (gRFC A6), and what a killed server had begun to answer is lost. So the response
 * is held back until its status is known, and on UNAVAILABLE, or on a CANCELLED that the caller did not ask for (a
 * server that was forced to end), the call starts anew, within its deadline and the budget. Interceptors that add metadata
 * belong before it: what stands behind it runs for each attempt.
 */
export function retryInterceptor({
  methods,
  maxRetries = 4,
  budget = new RetryBudget(),
  connectivity,
}: RetrySettings): Interceptor {
  const policy = { maxRetries, budget, connectivity };
  return (options, next) => {
    const { path, requestStream, responseStream } = options.method_definition;
    if (requestStream || responseStream || !methods.has(path)) return passOn(next(options));
    return passOn(new RetryingCall(options, next, policy));
  };
}

interface Policy {
  readonly maxRetries: number;
  readonly budget: RetryBudget;
  readonly connectivity: ConnectivityTracker | undefined;
}

/** The response of one attempt, kept until its status is known. */
class HeldBack implements CallListener {
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
    this.#call.end(result, this.#headers, this.#message);
  }
}

class RetryingCall implements Call {
  readonly #options: InterceptorOptions;
  readonly #next: Next;
  readonly #policy: Policy;
  #attempt: Call;
  #retries = 0;
  #metadata!: Metadata;
  #message: unknown;
  #listener!: CallListener;
  #cancelled = false;
  #cancelRetry: (() => void) | undefined;

  constructor(options: InterceptorOptions, next: Next, policy: Policy) {
    this.#options = options;
    this.#next = next;
    this.#policy = policy;
    this.#attempt = next(options);
  }

  start(metadata: Metadata, listener: CallListener = {}): void {
    if (metadata.get(requestIdKey).length === 0)
      metadata.set(requestIdKey, `${issuer}.${(issued++).toString(36)}`);
    this.#metadata = metadata;
    this.#listener = listener;
    // grpc-js sends a copy of its own: the same serves each attempt.
    this.#attempt.start(metadata, new HeldBack(this));
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

  /** Takes the whole of an attempt's response, and hands it on only when it is the last. */
  end(result: StatusObject, headers: Metadata | undefined, message: unknown): void {
    if (result.code === status.OK) this.#policy.budget.earn();
    else if (this.#mayRetry(result)) return this.#retry(result);
    if (headers) this.#listener.onReceiveMetadata?.(headers);
    this.#listener.onReceiveMessage?.(message);
    this.#listener.onReceiveStatus?.(result);
  }

  #mayRetry({ code }: StatusObject): boolean {
    if (this.#cancelled || (code !== status.UNAVAILABLE && code !== status.CANCELLED)) return false;
    const { maxRetries, budget, connectivity } = this.#policy;
    const affordable = budget.spend();
    const inVain = connectivity !== undefined && !connectivity.ready && connectivity.patienceMs <= 0;
    return (
      affordable &&
      !inVain &&
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
        this.#attempt = this.#next(this.#options);
      } catch {
        // The client was closed meanwhile: grpc-js throws.
        return this.#listener.onReceiveStatus?.(failed);
      }
      this.#attempt.start(this.#metadata, new HeldBack(this));
      this.#attempt.sendMessage(this.#message);
      this.#attempt.halfClose();
    });
  }
}
