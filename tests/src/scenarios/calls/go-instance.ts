import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { TrackedProcess } from '@rollcall/tools';
import { buildGoProgram } from '../../interop/go-toolchain.js';

const source = fileURLToPath(new URL('../../../src/scenarios/calls/go-server', import.meta.url));
const program = fileURLToPath(new URL('../../../dist/scenarios/calls/go-server', import.meta.url));
let built: Promise<string | undefined> | undefined;

/** Builds the server, once. Resolves with why this machine cannot, else undefined. */
export function whyNoGoServer(): Promise<string | undefined> {
  return (built ??= buildGoProgram(source, program));
}

/** A gRPC server of grpc-go with its defaults, in a process of its own. */
export class GoInstance {
  readonly id: string;
  readonly port: number;
  readonly #process: TrackedProcess;

  private constructor(id: string, port: number, process: TrackedProcess) {
    this.id = id;
    this.port = port;
    this.#process = process;
  }

  /** It listens, but is not registered. */
  static async start(host: string, id: string): Promise<GoInstance> {
    const lines = new EventTarget();
    const onLine = (line: string) => lines.dispatchEvent(new CustomEvent('line', { detail: line }));
    const first = once(lines, 'line', { signal: AbortSignal.timeout(10_000) });
    const process = await TrackedProcess.start({ command: program, args: [host, id], onLine });
    const [{ detail }] = (await first) as [CustomEvent<string>];
    return new GoInstance(id, Number(detail), process);
  }

  /** SIGSTOP. */
  freeze(): void {
    this.#process.signal('SIGSTOP');
  }

  /** SIGCONT. */
  thaw(): void {
    this.#process.signal('SIGCONT');
  }

  async kill(): Promise<void> {
    await this.#process.kill();
  }
}
