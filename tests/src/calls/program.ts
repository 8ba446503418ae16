import { fileURLToPath } from 'node:url';
import { TrackedProcess } from '@rollcall/tools';
import type { Api, Reply } from './asking.js';

/** What is slower is stuck, in ms: none of the questions takes long by itself. */
const answerWithinMs = 60_000;

/** A program of this folder as a process of its own, which can be asked. */
export class Program<T extends Api<T>> {
  readonly process: TrackedProcess;
  readonly #open: Map<number, (reply: Reply) => void>;
  #asked = 0;

  private constructor(process: TrackedProcess, open: Map<number, (reply: Reply) => void>) {
    this.process = process;
    this.#open = open;
    void process.exited.then(({ code, signal }) =>
      open.forEach((settle, number) => settle({ number, error: `it has ended (${signal ?? code})` })),
    );
  }

  /** Resolves when it can be asked. `name` is that of its file. */
  static async start<T extends Api<T>>(
    name: string,
    config: object,
    env: NodeJS.ProcessEnv = process.env,
  ): Promise<Program<T>> {
    const open = new Map<number, (reply: Reply) => void>();
    const child = await TrackedProcess.start({
      command: process.execPath,
      args: [fileURLToPath(new URL(`../../dist/calls/${name}.js`, import.meta.url)), JSON.stringify(config)],
      env,
      onMessage: (message) => open.get((message as Reply).number)?.(message as Reply),
    });
    const program = new Program<T>(child, open);
    await program.#reply(0, 'start');
    return program;
  }

  /** @throws {Error} when it fails, ends or is silent. */
  async ask<Name extends keyof T & string>(
    name: Name,
    ...args: Parameters<T[Name]>
  ): Promise<Awaited<ReturnType<T[Name]>>> {
    const number = ++this.#asked;
    const reply = this.#reply(number, name);
    this.process.send({ number, name, args });
    return (await reply) as Awaited<ReturnType<T[Name]>>;
  }

  #reply(number: number, name: string): Promise<unknown> {
    return new Promise((resolve, reject) => {
      const settle = (reply: Reply) => {
        clearTimeout(timer);
        this.#open.delete(number);
        if (reply.error === undefined) resolve(reply.answer);
        else reject(new Error([`${name}: ${reply.error}`, ...this.process.lastLines].join('\n  ')));
      };
      const timer = setTimeout(
        () => settle({ number, error: `no answer in ${answerWithinMs} ms` }),
        answerWithinMs,
      );
      this.#open.set(number, settle);
      if (!this.process.running) settle({ number, error: 'it has ended' });
    });
  }
}
