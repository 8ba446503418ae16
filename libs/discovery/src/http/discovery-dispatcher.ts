import { type Agent, Dispatcher } from 'undici';
import { addressOf, type Instance } from '../model/instance.js';
import type { HttpEndpointState } from './instance-picker.js';
import { retryHandler, type RetryPolicy } from './retry-handler.js';

type Headers = NonNullable<Dispatcher.DispatchOptions['headers']>;

export interface DiscoveryDispatcherOptions {
  readonly service: string;
  readonly agent: Agent;
  /** Throws if there is none. */
  readonly pick: () => HttpEndpointState;
  readonly onLost: (instance: Instance) => void;
  readonly retryPolicy: RetryPolicy;
  /** Ends the service; `closeAgent` is called the first time. */
  readonly end: (closeAgent: () => Promise<void>) => Promise<void>;
}

/** Sends requests for `http(s)://<service>` to an instance of it, and all others where their URL says. */
export class DiscoveryDispatcher extends Dispatcher {
  readonly #options: DiscoveryDispatcherOptions;

  constructor(options: DiscoveryDispatcherOptions) {
    super();
    this.#options = options;
  }

  override dispatch(options: Dispatcher.DispatchOptions, handler: Dispatcher.DispatchHandler): boolean {
    const { service, agent, pick, onLost, retryPolicy } = this.#options;
    const { protocol, hostname, port } = new URL(options.origin ?? `http://${service}`);
    if (hostname !== service.toLowerCase() || port !== '') return agent.dispatch(options, handler);
    const headers = withHost(options.headers, service);
    let picked: HttpEndpointState | undefined;
    let inFlight = false;
    const dispatch: Dispatcher['dispatch'] = (attempt, attemptHandler) => {
      picked = pick();
      picked.onCallStarted();
      inFlight = true;
      const origin = `${protocol}//${addressOf(picked.instance)}`;
      return agent.dispatch({ ...attempt, origin, headers }, attemptHandler);
    };
    const listener = {
      onLost: () => picked && onLost(picked.instance),
      onEnded: () => {
        if (!inFlight) return;
        inFlight = false;
        picked?.onCallEnded();
      },
    };
    return dispatch(options, retryHandler(options, { dispatch, handler }, retryPolicy, listener));
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
