import { freePort, until } from '@rollcall/tools';
import { WorkerProcess } from '../worker-process.js';
import type { ServerOptions, ServiceAddresses, Variant } from './messages.js';

export interface PageServerOptions {
  readonly variant: Variant;
  readonly registryUrl: string;
  readonly addresses: ServiceAddresses;
}

const programs: Readonly<Record<Variant, URL>> = {
  ours: new URL('../../../apps/aggregator/dist/main.js', import.meta.url),
  nest: new URL('./nest-server.js', import.meta.url),
  'hand-written': new URL('./hand-written-server.js', import.meta.url),
};

/** A server of product pages, in a process of its own. */
export class PageServer {
  readonly url: string;
  readonly #process: WorkerProcess<object, NodeJS.CpuUsage>;

  private constructor(url: string, process: WorkerProcess<object, NodeJS.CpuUsage>) {
    this.url = url;
    this.#process = process;
  }

  /** Resolves when the server responds with a whole page at `path`. */
  static async start(
    { variant, registryUrl, addresses }: PageServerOptions,
    path: string,
  ): Promise<PageServer> {
    const port = await freePort();
    const args = variant === 'ours' ? [] : [JSON.stringify({ port, addresses } satisfies ServerOptions)];
    const process = await WorkerProcess.start<object, NodeJS.CpuUsage>(programs[variant], args, {
      execArgv: ['--import', new URL('./cpu-probe.js', import.meta.url).href],
      env: { REGISTRY_URL: registryUrl, HOST: '127.0.0.1', PORT: `${port}` },
    });
    const server = new PageServer(`http://127.0.0.1:${port}`, process);
    const isReady = () =>
      server.page(path).then(
        (page) => page.includes('"degraded":false'),
        () => false,
      );
    await until(isReady, { deadlineMs: 30_000, describe: () => `a whole page of ${variant}` });
    return server;
  }

  async page(path: string): Promise<string> {
    const response = await fetch(`${this.url}${path}`);
    return response.text();
  }

  /** User and system time so far, in microseconds. */
  async cpuUs(): Promise<number> {
    const { user, system } = await this.#process.request({});
    return user + system;
  }

  stop(): void {
    this.#process.stop();
  }
}
