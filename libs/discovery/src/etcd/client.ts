import { DiscoveryError } from '../model/errors.js';
import { type Answer, keepAlive, type Question, type Services, unary, watchStream } from './calls.js';
import { Cluster } from './cluster.js';
import { authenticationIsOff, failureOf, needsLogin } from './failure.js';
import type { KeyRange } from './layout.js';
import type { Connection, Member } from './member.js';
import type { EtcdSettings } from './options.js';
import { Watch } from './watch.js';

type Task<T> = (connection: Connection, member: Member) => Promise<T>;

/**
 * The calls to a cluster. Each is made once, to one member, with a deadline; what fails, fails, and the next call goes to
 * the next member. A login that has expired is renewed.
 */
export class EtcdClient {
  readonly #cluster: Cluster;
  readonly #login: { readonly name: string; readonly password: string } | undefined;
  readonly #timeoutMs: number;
  #token: Promise<string> | undefined;

  constructor({ hosts, tls, username, password, requestTimeoutMs }: EtcdSettings) {
    this.#cluster = new Cluster({ hosts, tls });
    this.#timeoutMs = requestTimeoutMs;
    if (username !== undefined && password !== undefined) this.#login = { name: username, password };
  }

  /** @throws {DiscoveryError} when it failed or was aborted. */
  call<S extends keyof Services, M extends keyof Services[S] & string>(
    service: S,
    method: M,
    request: Question<S, M>,
    signal: AbortSignal,
  ): Promise<Answer<S, M>> {
    const bounds = { signal, timeoutMs: this.#timeoutMs };
    return this.#loggedIn(service, signal, (connection) => unary(connection, method, request, bounds));
  }

  /**
   * Asks for the lease's full time to live again, for `withinMs` at most. Resolves with what it got, in s: 0 when there
   * is no such lease.
   * @throws {DiscoveryError} when it failed or was aborted.
   */
  keepAlive(lease: string, withinMs: number, signal: AbortSignal): Promise<number> {
    const bounds = { signal, timeoutMs: Math.min(withinMs, this.#timeoutMs) };
    return this.#loggedIn('Lease', signal, (connection) => keepAlive(connection, lease, bounds));
  }

  /** @throws {DiscoveryError} when it failed or was aborted. */
  watch(range: KeyRange, signal: AbortSignal): Promise<Watch> {
    return this.#loggedIn('Watch', signal, (connection, member) =>
      Watch.open(watchStream(connection), range, {
        host: member.host,
        signal,
        confirmWithinMs: this.#timeoutMs,
        onBroken: (failure) => this.#cluster.turnFrom(member, failure),
      }),
    );
  }

  close(): void {
    this.#cluster.close();
  }

  async #loggedIn<T>(service: keyof Services | 'Watch', signal: AbortSignal, task: Task<T>): Promise<T> {
    const token = this.#token;
    try {
      return await this.#attempt(service, signal, task);
    } catch (error) {
      if (!this.#login || !(error instanceof DiscoveryError) || !needsLogin(error)) throw error;
      // Whoever comes first drops it; the others take the new one.
      if (this.#token === token) this.#token = undefined;
      return this.#attempt(service, signal, task);
    }
  }

  async #attempt<T>(service: keyof Services | 'Watch', signal: AbortSignal, task: Task<T>): Promise<T> {
    const { member } = this.#cluster;
    try {
      signal.throwIfAborted();
      const token = this.#login && (await orAbort(this.#authenticate(member), signal));
      return await member.use(service, (connection) => {
        // A member that has lost its leader would leave a watch open, and silent.
        connection.metadata.set('hasleader', 'true');
        if (token) connection.metadata.set('token', token);
        return task(connection, member);
      });
    } catch (error) {
      if (member.abandoned && !signal.aborted) return this.#attempt(service, signal, task);
      const failure = failureOf(error, member.host);
      if (!signal.aborted) this.#cluster.turnFrom(member, failure);
      throw failure;
    }
  }

  /** One login for all who wait for it: it costs etcd 0.1 s of CPU (bcrypt). */
  #authenticate(member: Member): Promise<string> {
    const bounds = { timeoutMs: this.#timeoutMs };
    this.#token ??= member
      .use('Auth', (connection) =>
        unary<Answer<'Auth', 'authenticate'>>(connection, 'authenticate', this.#login, bounds),
      )
      .then(
        ({ token }) => token,
        (error: unknown) => {
          if (authenticationIsOff(error)) return '';
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
