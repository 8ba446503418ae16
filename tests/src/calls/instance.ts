import { freePort } from '@rollcall/tools';
import type { InstanceApi, InstanceConfig } from './instance-process.js';
import { Program } from './program.js';

/** An instance in a process of its own. */
export class Instance {
  readonly id: string;
  readonly program: Program<InstanceApi>;
  #port = 0;

  private constructor(id: string, program: Program<InstanceApi>) {
    this.id = id;
    this.program = program;
  }

  /** It stands by: it is started, and neither listens nor is in the registry. */
  static async standBy(config: InstanceConfig): Promise<Instance> {
    return new Instance(config.id, await Program.start<InstanceApi>('instance-process', config));
  }

  get port(): number {
    return this.#port;
  }

  get running(): boolean {
    return this.program.process.running;
  }

  /** Listens, and then registers. */
  async serve(port?: number): Promise<void> {
    await this.listen(port);
    await this.register();
  }

  /**
   * By default on a free port that the system gives to nobody by itself: that of a killed instance is still in the registry,
   * and whoever is given it next would be called.
   */
  async listen(port?: number): Promise<void> {
    this.#port = await this.program.ask('listen', port ?? (await freePort()));
  }

  async warmUp(): Promise<void> {
    await this.program.ask('warmUp', this.#port);
  }

  async register(): Promise<void> {
    await this.program.ask('register', this.#port);
  }

  async kill(): Promise<void> {
    await this.program.process.kill();
  }

  /** SIGTERM. @throws {Error} when it does not end by itself, with exit code 0. */
  async leave(): Promise<void> {
    const { code, signal } = await this.program.process.stop(30_000);
    if (code !== 0) throw new Error(`${this.id} left with ${signal ?? code}`);
  }
}
