import { randomBytes } from 'node:crypto';
import { parseRegistryUrl } from '@rollcall/discovery';
import { until } from '../processes/until.js';
import { fetchJson } from '../servers/fetch-json.js';
import { AppProcess, services, type ServiceName } from './app-process.js';

export interface SystemOptions {
  readonly registryUrl: string;
  /** Instances of each service. 3 by default. */
  readonly replicas?: number;
  /** The aggregator's port on loopback; any free one by default. */
  readonly port?: number;
  /**
   * `ready` (default): every instance has registered, and the aggregator is connected to an instance of each service.
   * `listening`: every process listens, in whatever state the registry is.
   */
  readonly waitFor?: 'ready' | 'listening';
  /** Extra environment variables for all processes. */
  readonly env?: Readonly<Record<string, string>>;
  /** Aborts the start; has no effect afterwards. */
  readonly signal?: AbortSignal;
  /** Receives each line of output of all processes. */
  readonly onLine?: (id: string, line: string) => void;
}

/** The body of the aggregator's `/readyz`, as far as it is used here. */
interface ReadinessResponse {
  readonly dependencies?: Readonly<Record<string, { readonly connected: boolean }>>;
}

/** For ten processes that start at once on a small machine. */
const startTimeoutMs = 60_000;
const drainTimeoutMs = 10_000;

/** The whole shop as processes of this machine: several instances of each service, and the aggregator. */
export class System {
  readonly #options: SystemOptions;
  readonly #runId = randomBytes(2).toString('hex');
  readonly #startedCounts = new Map<ServiceName, number>();
  readonly #processes = new Set<AppProcess>();
  #aggregator: AppProcess | undefined;
  #url = '';

  private constructor(options: SystemOptions) {
    this.#options = options;
  }

  /**
   * Starts all processes at once.
   * @throws {Error} with the last lines of the process that failed, after all others were killed.
   */
  static async start(options: SystemOptions): Promise<System> {
    const system = new System(options);
    const abort = () => void system.kill();
    options.signal?.addEventListener('abort', abort);
    try {
      await system.#startAll();
      options.signal?.throwIfAborted();
      return system;
    } catch (error) {
      await system.kill();
      throw error;
    } finally {
      options.signal?.removeEventListener('abort', abort);
    }
  }

  /** The aggregator's URL: `http://127.0.0.1:8080`. */
  get url(): string {
    return this.#url;
  }

  get aggregator(): AppProcess {
    if (!this.#aggregator) throw new Error('the aggregator has not been started');
    return this.#aggregator;
  }

  /** The running instances of a service, oldest first. */
  instances(service: ServiceName): AppProcess[] {
    return [...this.#processes].filter(({ app, running }) => app === service && running);
  }

  /** Starts another instance. Resolves when the process exists; `event('registered')` waits for its registration. */
  async startInstance(service: ServiceName): Promise<AppProcess> {
    const number = (this.#startedCounts.get(service) ?? 0) + 1;
    this.#startedCounts.set(service, number);
    // The run's id tells the instance from records that an earlier run left in the registry.
    return this.#start(service, `${service}-${number}-${this.#runId}`, { PORT: '0' });
  }

  /** Drains the aggregator, then all services. Kills what exceeds the drain timeout. */
  async stop(): Promise<void> {
    await this.#aggregator?.stop(drainTimeoutMs);
    await Promise.all([...this.#processes].map((process) => process.stop(drainTimeoutMs)));
  }

  async kill(): Promise<void> {
    await Promise.all([...this.#processes].map((process) => process.kill()));
  }

  async #startAll(): Promise<void> {
    const { replicas = 3, port = 0, waitFor = 'ready' } = this.#options;
    const [aggregator, ...instances] = await Promise.all([
      this.#start('aggregator', `aggregator-${this.#runId}`, { PORT: `${port}` }),
      ...services.flatMap((service) => Array.from({ length: replicas }, () => this.startInstance(service))),
    ]);
    this.#aggregator = aggregator;
    const [{ address }] = await Promise.all([
      aggregator.event('listening', startTimeoutMs),
      ...instances.map((instance) =>
        instance.event(waitFor === 'ready' ? 'registered' : 'listening', startTimeoutMs),
      ),
    ]);
    this.#url = `http://127.0.0.1:${address?.split(':').at(-1)}`;
    if (waitFor === 'ready') await this.ready();
  }

  /** Waits until the aggregator is connected to an instance of each service. */
  async ready(deadlineMs = 10_000): Promise<void> {
    let status = 'no response';
    await until(
      async () => {
        const response = await fetchJson(`${this.#url}/readyz`);
        status = response ? `${response.status} ${JSON.stringify(response.body)}` : 'no response';
        const { dependencies = {} } = (response?.body ?? {}) as ReadinessResponse;
        return response?.status === 200 && Object.values(dependencies).every(({ connected }) => connected);
      },
      { deadlineMs, describe: () => `all connected in ${this.#url}/readyz; last: ${status}` },
    );
  }

  async #start(
    app: AppProcess['app'],
    id: string,
    env: Readonly<Record<string, string>>,
  ): Promise<AppProcess> {
    const { registryUrl, onLine } = this.#options;
    const process = await AppProcess.start({
      app,
      id,
      env: {
        REGISTRY_URL: registryUrl,
        HOST: app === 'aggregator' ? '127.0.0.1' : listenHost(registryUrl),
        ...this.#options.env,
        ...env,
      },
      ...(onLine && { onLine }),
    });
    this.#processes.add(process);
    return process;
  }
}

/**
 * The HOST of the services: loopback if the registry is on this machine. With a remote registry they listen on all
 * interfaces, as a loopback address means nothing to other machines.
 */
export function listenHost(registryUrl: string): string {
  const { hosts } = parseRegistryUrl(registryUrl);
  const loopback = hosts.every(
    ({ host }) => host === 'localhost' || host === '::1' || host.startsWith('127.'),
  );
  return loopback ? '127.0.0.1' : '0.0.0.0';
}
