import { listTimeoutMs } from '../backend/backend-options.js';
import { DiscoveryError } from '../model/errors.js';
import type { Connection, Endpoint, Etcd3Package } from './endpoint.js';
import { isAuthDisabled, needsLogin, toDiscoveryError } from './errors.js';
import { Failover } from './failover.js';
import type { KeyRange } from './layout.js';
import type { EtcdSettings } from './options.js';
import { callUnary, openWatchStream, renewLease, type Request, type Response, type Services } from './rpc.js';
import { Watch } from './watch.js';

type Task<T> = (connection: Connection, endpoint: Endpoint) => Promise<T>;

/**
 * The calls to a cluster. Each is sent once, to one endpoint, with a deadline; after a failure the next call goes to the
 * next endpoint. An expired login is renewed.
 */
export class EtcdClient {
  readonly #failover: Failover;
  readonly #credentials: { readonly name: string; readonly password: string } | undefined;
  readonly #timeoutMs: number;
  #token: Promise<string> | undefined;

  constructor(etcd3: Etcd3Package, settings: EtcdSettings) {
    const { username, password, requestTimeoutMs } = settings;
    this.#failover = new Failover(etcd3, settings);
    this.#timeoutMs = requestTimeoutMs;
    if (username !== undefined && password !== undefined) this.#credentials = { name: username, password };
  }

  /** @throws {DiscoveryError} when it failed or was aborted. */
  call<S extends keyof Services, M extends keyof Services[S] & string>(
    service: S,
    method: M,
    request: Request<S, M>,
    signal: AbortSignal,
    timeoutMs = this.#timeoutMs,
  ): Promise<Response<S, M>> {
    const options = { signal, timeoutMs };
    return this.#withLogin(service, signal, (connection) => callUnary(connection, method, request, options));
  }

  /** One page of a list. @throws {DiscoveryError} when it failed or was aborted. */
  list(request: Request<'KV', 'range'>, signal: AbortSignal): Promise<Response<'KV', 'range'>> {
    return this.call('KV', 'range', request, signal, listTimeoutMs(this.#timeoutMs));
  }

  /**
   * Renews a lease, within `withinMs` at most.
   * @throws {DiscoveryError} REGISTRATION_LOST when the lease does not exist; another when it failed or was aborted.
   */
  async renewLease(lease: string, withinMs: number, signal: AbortSignal): Promise<void> {
    const options = { signal, timeoutMs: Math.min(withinMs, this.#timeoutMs) };
    const ttl = await this.#withLogin('Lease', signal, (connection) =>
      renewLease(connection, lease, options),
    );
    if (ttl <= 0) throw new DiscoveryError('REGISTRATION_LOST', `lease ${lease} has expired or was revoked`);
  }

  /** @throws {DiscoveryError} when it failed or was aborted. */
  watch(range: KeyRange, signal: AbortSignal): Promise<Watch> {
    return this.#withLogin('Watch', signal, (connection, endpoint) =>
      Watch.open(openWatchStream(connection), range, {
        host: endpoint.host,
        signal,
        confirmWithinMs: listTimeoutMs(this.#timeoutMs),
        onFailure: (error) => this.#failover.failOver(endpoint, error),
      }),
    );
  }

  close(): void {
    this.#failover.close();
  }

  async #withLogin<T>(service: keyof Services | 'Watch', signal: AbortSignal, task: Task<T>): Promise<T> {
    const token = this.#token;
    try {
      return await this.#attempt(service, signal, task);
    } catch (error) {
      if (!this.#credentials || !(error instanceof DiscoveryError) || !needsLogin(error)) throw error;
      // Only the first of several concurrent calls drops the token; all of them use the new one.
      if (this.#token === token) this.#token = undefined;
      return this.#attempt(service, signal, task);
    }
  }

  async #attempt<T>(service: keyof Services | 'Watch', signal: AbortSignal, task: Task<T>): Promise<T> {
    const endpoint = this.#failover.current;
    try {
      signal.throwIfAborted();
      const token = this.#credentials && (await orAbort(this.#login(endpoint), signal));
      return await endpoint.use(service, (connection) => {
        // Otherwise an endpoint that has lost its leader keeps a watch open without events.
        connection.metadata.set('hasleader', 'true');
        if (token) connection.metadata.set('token', token);
        return task(connection, endpoint);
      });
    } catch (error) {
      if (endpoint.abandoned && !signal.aborted) return this.#attempt(service, signal, task);
      const failure = toDiscoveryError(error, endpoint.host);
      if (!signal.aborted) this.#failover.failOver(endpoint, failure);
      throw failure;
    }
  }

  /** One login for all concurrent calls: each costs etcd 0.1 s of CPU (bcrypt). */
  #login(endpoint: Endpoint): Promise<string> {
    this.#token ??= endpoint
      .use('Auth', (connection) =>
        callUnary<Response<'Auth', 'authenticate'>>(connection, 'authenticate', this.#credentials, {
          timeoutMs: this.#timeoutMs,
        }),
      )
      .then(
        ({ token }) => token,
        (error: unknown) => {
          if (isAuthDisabled(error)) return '';
          this.#token = undefined;
          throw error;
        },
      );
    return this.#token;
  }
}

/** `promise`, unless `signal` aborts before it. */
function orAbort<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const abort = () => reject(signal.reason as Error);
    signal.addEventListener('abort', abort, { once: true });
    void promise.then(resolve, reject).finally(() => signal.removeEventListener('abort', abort));
  });
}
