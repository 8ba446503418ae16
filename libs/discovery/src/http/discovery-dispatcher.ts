import { type Agent, Dispatcher } from 'undici';
import { isolatedEndpoint, type IsolatedAttempt } from '../calling/crash-isolation.js';
import type { PickPreferences } from '../calling/healthy-picker.js';
import { addressOf, type Instance } from '../model/instance.js';
import { HedgedRequest } from './hedged-request.js';
import type { HttpEndpointState } from './instance-picker.js';
import { observeRequest } from './observed-request.js';
import { withHeaders } from './request-events.js';
import { isConnectionLost, isIdempotent, retryHandler, type RetryPolicy } from './retry-handler.js';

type Headers = NonNullable<Dispatcher.DispatchOptions['headers']>;

export interface DiscoveryDispatcherOptions {
  readonly service: string;
  readonly agent: Agent;
  /** Throws if there is none. */
  readonly pick: (preferences?: PickPreferences) => HttpEndpointState;
  /** The instances that are picked. */
  readonly available: () => readonly HttpEndpointState[];
  readonly onLost: (instance: Instance) => void;
  readonly retryPolicy: RetryPolicy;
  /** Ends the service; `closeAgent` is called the first time. */
  readonly end: (closeAgent: () => Promise<void>) => Promise<void>;
}

/** How soon a request that waits to be alone at an instance looks again, in ms. */
const turnCheckMs = 10;

/** Sends requests for `http(s)://<service>` to an instance of it, and all others where their URL says. */
export class DiscoveryDispatcher extends Dispatcher {
  readonly #options: DiscoveryDispatcherOptions;

  constructor(options: DiscoveryDispatcherOptions) {
    super();
    this.#options = options;
  }

  override dispatch(options: Dispatcher.DispatchOptions, handler: Dispatcher.DispatchHandler): boolean {
    const { service, agent, pick, available, onLost, retryPolicy } = this.#options;
    const { protocol, hostname, port } = new URL(options.origin ?? `http://${service}`);
    if (hostname !== service.toLowerCase() || port !== '') return agent.dispatch(options, handler);
    const headers = withHost(options.headers, service);
    const hedgeBudget = isIdempotent(options) && !options.upgrade ? retryPolicy.hedgeBudget : undefined;
    const hedged = hedgeBudget !== undefined;
    const { record, handler: observed } = observeRequest(
      service,
      `${protocol}//${hostname}`,
      options,
      handler,
    );
    const request = { service, method: options.method, headers, record, attempts: 0 };
    const tried = new Set<HttpEndpointState>();
    /** After a loss: the instance that has no other request which was lost. */
    let turn: { readonly endpoint: HttpEndpointState; readonly isolation: IsolatedAttempt } | undefined;
    let latest: HedgedRequest | undefined;
    let hasCrashed = false;
    const dispatch: Dispatcher['dispatch'] = (attempt, attemptHandler) => {
      latest = new HedgedRequest({
        request,
        maxRetries: retryPolicy.maxRetries,
        send: ({ instance }, sendHandler, added) => {
          const origin = `${protocol}//${addressOf(instance)}`;
          return agent.dispatch({ ...attempt, origin, headers: withHeaders(headers, added) }, sendHandler);
        },
        pickOther: (avoid) => {
          const other = pick({ avoid, hedged });
          return avoid.includes(other) ? undefined : other;
        },
        handler: attemptHandler,
        method: retryPolicy.monitor.method(methodOf(options)),
        retryBudget: retryPolicy.budget,
        hedgeBudget,
        onError: ({ endpoint, isolation }, error) => {
          tried.add(endpoint);
          if (!isConnectionLost(error)) return;
          // An instance that is suspected has not crashed: its connections were given up here.
          hasCrashed = isolation !== undefined && endpoint.health.suspectedAt === undefined;
          onLost(endpoint.instance);
        },
      });
      const { endpoint = pick({ avoid: [...tried], hedged }), isolation } = turn ?? {};
      turn = undefined;
      return latest.start(endpoint, isolation);
    };
    const onTurn = (retry: (aborted: Error | null) => void) => {
      const isolation: IsolatedAttempt = {
        lostAt: performance.now(),
        waitingSince: undefined,
        endpoint: undefined,
      };
      const check = () => {
        if (latest?.reason) return retry(latest.reason);
        const endpoint = isolatedEndpoint(available(), isolation);
        // Keeps the process alive, as any request in flight does.
        if (!endpoint) return void setTimeout(check, turnCheckMs);
        if (endpoint !== 'any') {
          isolation.endpoint = endpoint;
          turn = { endpoint, isolation };
        }
        retry(null);
      };
      check();
    };
    return dispatch(
      options,
      retryHandler(options, { dispatch, handler: observed }, retryPolicy, {
        crashed: () => hasCrashed,
        onTurn,
        onBudgetSpent: () => record && (record.isBudgetSpent = true),
      }),
    );
  }

  override close(): Promise<void>;
  override close(callback: () => void): void;
  override close(callback?: () => void): Promise<void> | void {
    const { agent, end } = this.#options;
    const closed = end(() => agent.close());
    if (!callback) return closed;
    void closed.finally(() => process.nextTick(callback));
  }

  override destroy(): Promise<void>;
  override destroy(error: Error | null): Promise<void>;
  override destroy(callback: () => void): void;
  override destroy(error: Error | null, callback: () => void): void;
  override destroy(first?: Error | null | (() => void), second?: () => void): Promise<void> | void {
    const [error, callback] = typeof first === 'function' ? [null, first] : [first ?? null, second];
    const { agent, end } = this.#options;
    const destroyed = agent.destroy(error);
    void end(() => destroyed);
    if (!callback) return destroyed;
    void destroyed.finally(() => process.nextTick(callback));
  }
}

/** undici derives the name that TLS checks from the `Host` header, otherwise from the origin: the address of the instance. */
function withHost(headers: Headers | null | undefined, host: string): Headers {
  if (!headers) return { host };
  if (Array.isArray(headers)) {
    const names = headers.filter((_, index) => index % 2 === 0);
    return names.some(isHost) ? headers : [...headers, 'host', host];
  }
  const entries = Symbol.iterator in headers ? [...headers] : Object.entries(headers);
  if (entries.some(([name]) => isHost(name))) return headers;
  return Object.fromEntries([...entries, ['host', host]]);
}

function isHost(name: string): boolean {
  return name.toLowerCase() === 'host';
}

/** What requests take long together: the method and the first segment of the path. The others are mostly identifiers. */
function methodOf({ method, path }: Dispatcher.DispatchOptions): string {
  return `${method} ${/^\/[^/?]*/.exec(path)?.[0] ?? ''}`;
}
