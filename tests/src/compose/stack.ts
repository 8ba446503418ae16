import { setTimeout as delay } from 'node:timers/promises';
import { docker } from './docker.js';

/** One container, as printed by `docker compose ps`. */
export interface Container {
  readonly Name: string;
  readonly Service: string;
  readonly State: 'created' | 'running' | 'restarting' | 'exited' | 'dead' | 'removing' | 'paused';
  /** Empty for a container that does not run. */
  readonly Health: '' | 'starting' | 'healthy' | 'unhealthy';
  readonly ExitCode: number;
}

/**
 * The system of docker-compose.yml with a project name, ports and an image of its own, so that it does not collide with
 * another one. `COMPOSE_PROJECT_NAME` overrides the name.
 */
export class ComposeStack {
  readonly #image: string;
  readonly #env: NodeJS.ProcessEnv;

  constructor(registryUrl: string) {
    const project = process.env['COMPOSE_PROJECT_NAME'] || `rollcall-test-${process.pid}`;
    this.#image = project;
    this.#env = {
      ...process.env,
      COMPOSE_PROJECT_NAME: project,
      REGISTRY_URL: registryUrl,
      SHOP_IMAGE: this.#image,
      SHOP_PORT: '0',
      CONSUL_PORT: '0',
    };
  }

  /** What makes `docker compose` find this system. */
  get env(): NodeJS.ProcessEnv {
    return this.#env;
  }

  /** `docker compose up --wait` with more arguments. Resolves when all containers are healthy. */
  async up(...args: string[]): Promise<void> {
    await this.#docker('compose', 'up', '--wait', '--quiet-pull', ...args);
  }

  /** Builds the image of all apps, without starting anything. Resolves with its name; {@link down} removes it. */
  async build(): Promise<string> {
    await this.#docker('compose', 'build', '--quiet', 'aggregator');
    return this.#image;
  }

  /** SIGTERM to all containers of `service`. Resolves when they have exited; they are not removed. */
  async stop(service: string): Promise<void> {
    await this.#docker('compose', 'stop', service);
  }

  /**
   * Runs one more instance of `service`, as the composed ones are run, and stops it `afterMs` after its container started.
   * Gives its exit code.
   */
  async runAndStop(service: string, instanceId: string, afterMs: number): Promise<number> {
    const name = `${this.#image}-${instanceId}`;
    await this.#docker(
      'compose',
      'run',
      '--detach',
      '--name',
      name,
      '--env',
      `INSTANCE_ID=${instanceId}`,
      service,
    );
    try {
      await delay(afterMs);
      await this.#docker('stop', name);
      return Number(await this.#docker('inspect', '--format', '{{.State.ExitCode}}', name));
    } finally {
      await this.#docker('rm', '--force', name);
    }
  }

  /** SIGKILL to one container by its name. `docker compose kill` would kill all replicas. */
  async kill(container: string): Promise<void> {
    await this.#docker('kill', '--signal', 'SIGKILL', container);
  }

  /**
   * Freezes one container by its name. Resolves with a function that thaws it. Where the container runtime cannot freeze, its
   * program gets SIGSTOP.
   */
  async pause(container: string): Promise<() => Promise<unknown>> {
    try {
      await this.#docker('pause', container);
      return () => this.#docker('unpause', container);
    } catch (error) {
      if (!(error instanceof Error && error.message.includes('unable to freeze'))) throw error;
      await this.#signalProgram(container, 'SIGSTOP');
      return () => this.#signalProgram(container, 'SIGCONT');
    }
  }

  /** All containers including exited ones, or those of the given services. */
  async containers(...services: string[]): Promise<Container[]> {
    const lines = await this.#docker('compose', 'ps', '--all', '--format', 'json', ...services);
    return lines.split('\n').flatMap((line) => (line === '' ? [] : [JSON.parse(line) as Container]));
  }

  /** Evaluates a JavaScript expression in a container of `service`, as its user. */
  async evaluate(service: string, expression: string): Promise<unknown> {
    const source = `(async () => { console.log(JSON.stringify(${expression})); process.exit(); })()`;
    return JSON.parse(await this.#docker('compose', 'exec', '-T', service, 'node', '-e', source));
  }

  /** The limits of each container: bytes of memory, processes, and the size at which its log is rotated. */
  async limits(): Promise<{ memory: number; pids: number; logSize: string }[]> {
    const ids = (await this.#docker('compose', 'ps', '--quiet')).trim().split('\n');
    const inspected = JSON.parse(await this.#docker('inspect', ...ids)) as {
      HostConfig: { Memory: number; PidsLimit: number; LogConfig: { Config: Record<string, string> } };
    }[];
    return inspected.map(({ HostConfig: { Memory, PidsLimit, LogConfig } }) => ({
      memory: Memory,
      pids: PidsLimit,
      logSize: LogConfig.Config['max-size'] ?? '',
    }));
  }

  /** The URL of the aggregator. */
  async url(): Promise<string> {
    return `http://${(await this.#docker('compose', 'port', 'aggregator', '8080')).trim()}`;
  }

  /** The last log lines of all containers. */
  logs(): Promise<string> {
    return this.#docker('compose', 'logs', '--no-color', '--tail', '20');
  }

  /** Removes containers, network, volumes and the image. */
  async down(): Promise<void> {
    await this.#docker('compose', 'down', '--volumes', '--remove-orphans');
    await this.#docker('image', 'rm', '--force', this.#image);
  }

  /** `docker kill` signals only the init of a container. */
  async #signalProgram(container: string, signal: NodeJS.Signals): Promise<void> {
    const argv = '(pid) => fs.readFileSync(`/proc/${pid}/cmdline`, "utf8").split("\\0")';
    const isProgram = `(pid) => ((argv) => argv[0] === "node" && argv[1]?.endsWith("main.js"))((${argv})(pid))`;
    const pids = 'fs.readdirSync("/proc").filter((name) => /^\\d+$/.test(name))';
    const source = `for (const pid of ${pids}.filter(${isProgram})) process.kill(pid, "${signal}")`;
    await this.#docker('exec', container, 'node', '-e', source);
  }

  #docker(...args: string[]): Promise<string> {
    return docker(args, this.#env);
  }
}
