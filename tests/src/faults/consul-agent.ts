import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort, type RegistryServer, TrackedProcess, until } from '@rollcall/tools';
import { ask } from './http-api.js';

/** An agent on this machine in the cluster of `server`: a client, or with `-server` among `args` a second server. */
export class ConsulAgent {
  readonly host = '127.0.0.1';
  readonly port: number;
  readonly #program: string;
  readonly #args: readonly string[];
  readonly #directory: string;
  #process: TrackedProcess | undefined;

  private constructor(program: string, port: number, directory: string, args: readonly string[]) {
    this.#program = program;
    this.port = port;
    this.#directory = directory;
    this.#args = args;
  }

  static async join(
    server: RegistryServer,
    program: string,
    name: string,
    args: readonly string[] = [],
  ): Promise<ConsulAgent> {
    const { Member } = (await ask(server, 'GET', '/v1/agent/self')) as { Member: { Port: number } };
    const port = await freePort();
    const directory = await mkdtemp(join(tmpdir(), 'rollcall-agent-'));
    const agent = new ConsulAgent(program, port, directory, [
      'agent',
      `-node=${name}`,
      `-data-dir=${directory}/data`,
      '-bind=127.0.0.1',
      `-http-port=${port}`,
      '-dns-port=-1',
      `-serf-lan-port=${await freePort()}`,
      `-retry-join=127.0.0.1:${Member.Port}`,
      '-retry-interval=1s',
      '-log-level=warn',
      '-hcl=disable_update_check = true',
      ...args,
    ]);
    await agent.start();
    return agent;
  }

  /** Resolves when it has found its servers. */
  async start({ wipe = false } = {}): Promise<void> {
    await this.kill();
    if (wipe) await this.#wipe();
    const agent = await TrackedProcess.start({ command: this.#program, args: this.#args });
    this.#process = agent;
    await until(() => this.hasServers(), {
      deadlineMs: 30_000,
      describe: () => `the agent to join; it said ${agent.lastLines.join('\n')}`,
    });
  }

  /** Everything but who it is: its servers refuse another agent of the same name until they have forgotten the first. */
  async #wipe(): Promise<void> {
    const data = join(this.#directory, 'data');
    const nodeId = await readFile(join(data, 'node-id'), 'utf8');
    await rm(data, { recursive: true, force: true });
    await mkdir(data);
    await writeFile(join(data, 'node-id'), nodeId);
  }

  async hasServers(): Promise<boolean> {
    const servers = await ask(this, 'GET', '/v1/health/service/consul').catch(() => []);
    return (servers as unknown[]).length > 0;
  }

  async kill(): Promise<void> {
    await this.#process?.kill();
  }

  async stop(): Promise<void> {
    await this.kill();
    await rm(this.#directory, { recursive: true, force: true });
  }
}
