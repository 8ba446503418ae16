import { fileURLToPath } from 'node:url';
import { TrackedProcess } from '@rollcall/tools';
import { type Api, type IpcResponse, readyId } from './ipc.js';

/** A call that takes longer has hung, in ms. */
const timeoutMs = 60_000;

/** A program of this folder in a process of its own, whose {@link Api} can be called. */
export class RemoteProcess<T extends Api<T>> {
  readonly process: TrackedProcess;
  readonly #pending: Map<number, (response: IpcResponse) => void>;
  #lastId = readyId;

  private constructor(process: TrackedProcess, pending: Map<number, (response: IpcResponse) => void>) {
    this.process = process;
    this.#pending = pending;
    void process.exited.then(({ code, signal }) =>
      pending.forEach((settle, id) => settle({ id, error: `the process ended (${signal ?? code})` })),
    );
  }

  /** Resolves when the process can be called. `program` is the name of its file. */
  static async start<T extends Api<T>>(
    program: string,
    config: object,
    env: NodeJS.ProcessEnv = process.env,
  ): Promise<RemoteProcess<T>> {
    const pending = new Map<number, (response: IpcResponse) => void>();
    const main = fileURLToPath(new URL(`../../../dist/scenarios/calls/${program}.js`, import.meta.url));
    const child = await TrackedProcess.start({
      command: process.execPath,
      args: [main, JSON.stringify(config)],
      env,
      onMessage: (message) => pending.get((message as IpcResponse).id)?.(message as IpcResponse),
    });
    const remote = new RemoteProcess<T>(child, pending);
    await remote.#response(readyId, 'start');
    return remote;
  }

  /** @throws {Error} when the function fails, the process ends, or there is no response in time. */
  async call<Name extends keyof T & string>(
    name: Name,
    ...args: Parameters<T[Name]>
  ): Promise<Awaited<ReturnType<T[Name]>>> {
    const id = ++this.#lastId;
    const response = this.#response(id, name);
    this.process.send({ id, name, args });
    return (await response) as Awaited<ReturnType<T[Name]>>;
  }

  #response(id: number, name: string): Promise<unknown> {
    return new Promise((resolve, reject) => {
      const settle = ({ result, error }: IpcResponse) => {
        clearTimeout(timer);
        this.#pending.delete(id);
        if (error === undefined) resolve(result);
        else reject(new Error([`${name}: ${error}`, ...this.process.lastLines].join('\n  ')));
      };
      const timer = setTimeout(() => settle({ id, error: `no response in ${timeoutMs} ms` }), timeoutMs);
      this.#pending.set(id, settle);
      if (!this.process.running) settle({ id, error: 'the process has ended' });
    });
  }
}
