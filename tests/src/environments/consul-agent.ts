import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort, type RegistryServer, TrackedProcess, until } from '@rollcall/tools';
import { type HttpAddress, httpApi } from './http-api.js';

/** Arguments of a server that {@link ConsulAgent.joinAsServer} is quick with. */
export const fastPromotion = ['-hcl', 'autopilot { server_stabilization_time = "100ms" }'];

/** An agent on this machine that joins the cluster of `server`: a client, or a server with `-server` in `args`. */
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
    server: HttpAddress,
    program: string,
    name: string,
    args: readonly string[] = [],
  ): Promise<ConsulAgent> {
    const { Member } = (await httpApi(server, 'GET', '/v1/agent/self')) as { Member: { Port: number } };
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

  /** A second server, with a vote. When one of the two is lost, the other has no majority, and so no leader. */
  static async joinAsServer(server: RegistryServer, program: string, name: string): Promise<ConsulAgent> {
    const agent = await ConsulAgent.join(server, program, name, [
      '-server',
      `-server-port=${await freePort()}`,
      '-serf-wan-port=-1',
      ...(server.version.startsWith('1.8') ? [] : ['-grpc-tls-port=-1']),
    ]);
    const voters = async () => {
      const raft = await httpApi(server, 'GET', '/v1/operator/raft/configuration').catch(() => undefined);
      const { Servers = [] } = (raft ?? {}) as { Servers?: { Voter: boolean }[] };
      return Servers.filter(({ Voter }) => Voter).length;
    };
    await until(async () => (await voters()) === 2, {
      deadlineMs: 30_000,
      describe: () => `${name} to have a vote`,
    });
    return agent;
  }

  /** Resolves when it has joined its servers. */
  async start({ wipe = false } = {}): Promise<void> {
    await this.kill();
    if (wipe) await this.#wipe();
    const agent = await TrackedProcess.start({ command: this.#program, args: this.#args });
    this.#process = agent;
    await until(() => this.hasServers(), {
      deadlineMs: 30_000,
      describe: () => `the agent to join; its output: ${agent.lastLines.join('\n')}`,
    });
  }

  /** Keeps the node id: the servers reject a new id under the same name until they have reaped the old one. */
  async #wipe(): Promise<void> {
    const data = join(this.#directory, 'data');
    const nodeId = await readFile(join(data, 'node-id'), 'utf8');
    await rm(data, { recursive: true, force: true });
    await mkdir(data);
    await writeFile(join(data, 'node-id'), nodeId);
  }

  async hasServers(): Promise<boolean> {
    const servers = await httpApi(this, 'GET', '/v1/health/service/consul').catch(() => []);
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
