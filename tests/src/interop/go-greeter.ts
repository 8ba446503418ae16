import { fileURLToPath } from 'node:url';
import { type RegistryServer, TrackedProcess } from '@rollcall/tools';
import { answerOf, CallResults } from './call-results.js';
import { buildGoProgram } from './go-toolchain.js';

/** The programs in `go/`: servers and clients of `greeter.v1.Greeter` that use the libraries of another system. */
export type GoProgramName = 'etcd-naming' | 'go-zero' | 'kratos';

/** For go-zero: without its resolver for Kubernetes, whose modules take minutes to build. */
const buildTags = 'no_k8s';

const builds = new Map<GoProgramName, Promise<string | undefined>>();

/** A server or a client in Go, in a process of its own. */
export class GoGreeter {
  /** Of a client. */
  readonly results: CallResults = new CallResults();
  /** Of a server; empty for a client. */
  readonly address: string;
  #process: TrackedProcess | undefined;

  private constructor(address: string) {
    this.address = address;
  }

  /** Builds it, once. Resolves with why this machine cannot, else undefined. */
  static whyNot(name: GoProgramName): Promise<string | undefined> {
    let built = builds.get(name);
    if (!built) builds.set(name, (built = build(name)));
    return built;
  }

  /** Starts a server of `service` at `address`, which registers itself. */
  static serve(
    name: GoProgramName,
    registry: RegistryServer,
    service: string,
    address: string,
    ...more: readonly string[]
  ): Promise<GoGreeter> {
    return GoGreeter.#start(name, address, ['serve', ...placeOf(name, registry), service, address, ...more]);
  }

  /** Starts a client that calls `service` all the time. */
  static call(name: GoProgramName, registry: RegistryServer, service: string): Promise<GoGreeter> {
    return GoGreeter.#start(name, '', ['call', ...placeOf(name, registry), service]);
  }

  static async #start(name: GoProgramName, address: string, args: readonly string[]): Promise<GoGreeter> {
    const greeter = new GoGreeter(address);
    greeter.#process = await TrackedProcess.start({
      command: programOf(name),
      args,
      onLine: (line) => {
        // The others are logged by its libraries.
        if (/^Hello |^failed: /.test(line)) greeter.results.all.push(line);
      },
    });
    return greeter;
  }

  get answer(): string {
    return answerOf(this.address);
  }

  /** The last lines of its output. */
  get output(): string {
    return this.#process?.lastLines.join('\n') ?? '';
  }

  /** SIGTERM: a server deregisters itself. */
  terminate(): void {
    this.#process?.signal('SIGTERM');
  }

  async close(): Promise<void> {
    await this.#process?.kill();
  }
}

async function build(name: GoProgramName): Promise<string | undefined> {
  const reason = await buildGoProgram(folderOf(name), programOf(name), buildTags);
  if (reason !== undefined) process.stderr.write(`skipped, ${name} is unavailable: ${reason}\n`);
  return reason;
}

export const folderOf = (name: GoProgramName) =>
  fileURLToPath(new URL(`../../src/interop/go/${name}`, import.meta.url));
const programOf = (name: GoProgramName) =>
  fileURLToPath(new URL(`../../dist/interop/go/${name}`, import.meta.url));

function placeOf(name: GoProgramName, { kind, host, port }: RegistryServer): readonly string[] {
  return [...(name === 'kratos' ? [kind] : []), `${host}:${port}`];
}
