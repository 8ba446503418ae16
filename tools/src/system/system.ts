import { randomBytes } from 'node:crypto';
import { parseRegistryUrl } from '@rollcall/discovery';
import { until } from '../processes/condition.js';
import { ask } from '../servers/probe.js';
import { AppProcess, services, type ServiceName } from './app-process.js';

export interface SystemOptions {
  readonly registryUrl: string;
  /** Instances of each service. 3 by default. */
  readonly replicas?: number;
  /** Of the aggregator, on loopback. Any free one by default. */
  readonly port?: number;
  /**
   * `ready` (default): every instance has registered, and the aggregator says at `/readyz` that it knows them.
   * `listening`: every process listens, whatever the registry does.
   */
  readonly waitFor?: 'ready' | 'listening';
  /** More environment variables for all processes. */
  readonly env?: Readonly<Record<string, string>>;
  /** Gives up starting. What runs already is not touched by it. */
  readonly signal?: AbortSignal;
  /** Each line that any of the processes writes. */
  readonly onLine?: (id: string, line: string) => void;
}

/** How long ten processes that start at once on a small machine may take, in ms. */
const startWithinMs = 60_000;
/** How long a leaving process may drain before it is killed, in ms. */
const drainWithinMs = 10_000;

/** The whole shop as processes of this machine: instances of each service, and the aggregator. */
export class System {
  readonly #options: SystemOptions;
  readonly #run = randomBytes(2).toString('hex');
  readonly #started = new Map<ServiceName, number>();
  readonly #processes = new Set<AppProcess>();
  #aggregator: AppProcess | undefined;
  #url = '';

  private constructor(options: SystemOptions) {
    this.#options = options;
  }

  /**
   * Starts everything at once and waits for it.
   * @throws {Error} with the last lines of the process that failed, after the others were ended.
   */
  static async start(options: SystemOptions): Promise<System> {
    const system = new System(options);
    const giveUp = () => void system.kill();
    options.signal?.addEventListener('abort', giveUp);
    try {
      await system.#startAll();
      options.signal?.throwIfAborted();
      return system;
    } catch (error) {
      await system.kill();
      throw error;
    } finally {
      options.signal?.removeEventListener('abort', giveUp);
    }
  }

  /** Of the aggregator: `http://127.0.0.1:8080`. */
  get url(): string {
    return this.#url;
  }

  get aggregator(): AppProcess {
    if (!this.#aggregator) throw new Error('the aggregator was not started yet');
    return this.#aggregator;
  }

  /** The running instances of a service, the oldest first. */
  instances(service: ServiceName): AppProcess[] {
    return [...this.#processes].filter(({ app, running }) => app === service && running);
  }

  /** One more instance. Resolves once its process exists; `event('registered')` tells the rest. */
  async startInstance(service: ServiceName): Promise<AppProcess> {
    const number = (this.#started.get(service) ?? 0) + 1;
    this.#started.set(service, number);
    // The run's own mark: a record that an earlier run left behind in the registry is not ours.
    return this.#start(service, `${service}-${number}-${this.#run}`, { PORT: '0' });
  }

  /** SIGTERM to all, the caller of the others first; SIGKILL to what does not leave in time. */
  async stop(): Promise<void> {
    await this.#aggregator?.stop(drainWithinMs);
    await Promise.all([...this.#processes].map((process) => process.stop(drainWithinMs)));
  }

  /** SIGKILL to all. */
  async kill(): Promise<void> {
    await Promise.all([...this.#processes].map((process) => process.kill()));
  }

  async #startAll(): Promise<void> {
    const { replicas = 3, port = 0, waitFor = 'ready' } = this.#options;
    const [aggregator, ...instances] = await Promise.all([
      this.#start('aggregator', `aggregator-${this.#run}`, { PORT: `${port}` }),
      ...services.flatMap((service) => Array.from({ length: replicas }, () => this.startInstance(service))),
    ]);
    this.#aggregator = aggregator;
    const [{ address }] = await Promise.all([
      aggregator.event('listening', startWithinMs),
      ...instances.map((instance) =>
        instance.event(waitFor === 'ready' ? 'registered' : 'listening', startWithinMs),
      ),
    ]);
    this.#url = `http://127.0.0.1:${address?.split(':').at(-1)}`;
    if (waitFor === 'ready') await this.ready();
  }

  /** Waits until the aggregator knows an instance of each service. */
  async ready(deadlineMs = 10_000): Promise<void> {
    let last = 'nothing';
    await until(
      async () => {
        const answer = await ask(`${this.#url}/readyz`);
        last = answer ? `${answer.status} ${JSON.stringify(answer.body)}` : 'nothing';
        return answer?.status === 200;
      },
      { deadlineMs, describe: () => `${this.#url}/readyz to answer 200; it answered ${last}` },
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
        HOST: app === 'aggregator' ? '127.0.0.1' : bindHost(registryUrl),
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
 * Loopback for as long as the registry is on this machine. A registry elsewhere is not told an address of loopback,
 * which means another machine to everyone but us: then the services listen on all interfaces.
 */
export function bindHost(registryUrl: string): string {
  const { hosts } = parseRegistryUrl(registryUrl);
  const loopback = hosts.every(
    ({ host }) => host === 'localhost' || host === '::1' || host.startsWith('127.'),
  );
  return loopback ? '127.0.0.1' : '0.0.0.0';
}
