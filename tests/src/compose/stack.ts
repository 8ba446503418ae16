import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../../..', import.meta.url));

/** One container, as `docker compose ps` tells of it. */
export interface Container {
  readonly Name: string;
  readonly Service: string;
  readonly State: 'created' | 'running' | 'restarting' | 'exited' | 'dead' | 'removing' | 'paused';
  /** Empty unless it runs. */
  readonly Health: '' | 'starting' | 'healthy' | 'unhealthy';
  readonly ExitCode: number;
}

/**
 * The system of docker-compose.yml under a project name of its own, on free ports and with an image of its own,
 * so that it stands beside whatever else runs here. `COMPOSE_PROJECT_NAME`, when set, is that name.
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
      ETCD_PORT: '0',
    };
  }

  /** `docker compose up --wait` with more arguments. Resolves when all is healthy. */
  async up(...args: string[]): Promise<void> {
    await this.#docker('compose', 'up', '--wait', '--quiet-pull', ...args);
  }

  /** SIGTERM to all containers of `service`, and waits for their end. They can still be asked for. */
  async stop(service: string): Promise<void> {
    await this.#docker('compose', 'stop', service);
  }

  /** SIGKILL to one container by its name. `docker compose kill` would take all replicas. */
  async kill(container: string): Promise<void> {
    await this.#docker('kill', '--signal', 'SIGKILL', container);
  }

  /** All containers, also those that ended, or those of one service. */
  async containers(...services: string[]): Promise<Container[]> {
    const lines = await this.#docker('compose', 'ps', '--all', '--format', 'json', ...services);
    return lines.split('\n').flatMap((line) => (line === '' ? [] : [JSON.parse(line) as Container]));
  }

  /** Runs a JavaScript expression inside a container of `service`, as what runs there, and gives its value. */
  async evaluate(service: string, expression: string): Promise<unknown> {
    const source = `console.log(JSON.stringify(${expression}))`;
    return JSON.parse(await this.#docker('compose', 'exec', '-T', service, 'node', '-e', source));
  }

  /** Of the aggregator, on this host. */
  async url(): Promise<string> {
    return `http://${(await this.#docker('compose', 'port', 'aggregator', '8080')).trim()}`;
  }

  /** The last lines that all containers wrote. */
  logs(): Promise<string> {
    return this.#docker('compose', 'logs', '--no-color', '--tail', '20');
  }

  /** Containers, network, volumes and the image go. */
  async down(): Promise<void> {
    await this.#docker('compose', 'down', '--volumes', '--remove-orphans');
    await this.#docker('image', 'rm', '--force', this.#image);
  }

  #docker(...args: string[]): Promise<string> {
    return docker(args, this.#env);
  }
}

/** Why there can be no stack here; undefined where there can. */
export async function missingForCompose(): Promise<string | undefined> {
  try {
    await docker(['compose', 'version']);
    await docker(['version']);
    return undefined;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

/** Runs the docker command, and gives what it prints. @throws {Error} with the end of what it printed as errors. */
function docker(args: readonly string[], env = process.env): Promise<string> {
  const options = { cwd: root, env, timeout: 600_000, maxBuffer: 1 << 26 };
  return new Promise((resolve, reject) => {
    execFile('docker', args, options, (error, stdout, stderr) => {
      if (!error) return resolve(stdout);
      const reason = stderr.trim().split('\n').slice(-20).join('\n');
      reject(new Error(`docker ${args.join(' ')}: ${reason || error.message}`));
    });
  });
}
