import { freePort } from '@rollcall/tools';
import type { InstanceApi, InstanceConfig } from './instance-main.js';
import { RemoteProcess } from './remote-process.js';

/** A gRPC server in a process of its own. */
export class ServiceInstance {
  readonly id: string;
  readonly remote: RemoteProcess<InstanceApi>;
  #port = 0;

  private constructor(id: string, remote: RemoteProcess<InstanceApi>) {
    this.id = id;
    this.remote = remote;
  }

  /** Starts the process. It neither listens nor registers yet. */
  static async start(config: InstanceConfig): Promise<ServiceInstance> {
    return new ServiceInstance(config.id, await RemoteProcess.start<InstanceApi>('instance-main', config));
  }

  get port(): number {
    return this.#port;
  }

  get running(): boolean {
    return this.remote.process.running;
  }

  /** Listens, then registers. */
  async serve(port?: number): Promise<void> {
    await this.listen(port);
    await this.register();
  }

  /**
   * By default on a port that the system does not assign by itself: the port of a killed instance stays in the registry for
   * a while, and another server on it would be called.
   */
  async listen(port?: number): Promise<void> {
    this.#port = await this.remote.call('listen', port ?? (await freePort()));
  }

  async warmUp(): Promise<void> {
    await this.remote.call('warmUp', this.#port);
  }

  /** With another address than its own, where a proxy is in front of it. */
  async register(port = this.#port): Promise<void> {
    await this.remote.call('register', port);
  }

  /** SIGSTOP. */
  freeze(): void {
    this.remote.process.signal('SIGSTOP');
  }

  /** SIGCONT. */
  thaw(): void {
    this.remote.process.signal('SIGCONT');
  }

  async kill(): Promise<void> {
    await this.remote.process.kill();
  }

  /** SIGTERM. @throws {Error} when the process does not exit by itself with code 0. */
  async terminate(): Promise<void> {
    const { code, signal } = await this.remote.process.stop(30_000);
    if (code !== 0) throw new Error(`${this.id} exited with ${signal ?? code}`);
  }
}
