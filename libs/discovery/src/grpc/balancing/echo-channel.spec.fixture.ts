import { createServer } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import {
  type ChannelOptions,
  type ClientUnaryCall,
  credentials,
  Metadata,
  type ServiceError,
} from '@grpc/grpc-js';
import { defineInstance, type Instance } from '../../model/instance.js';
import { Registry } from '../../registry.js';
import { ScriptedBackend } from '../../testing/scripted-backend.js';
import { channelOptions, type ChannelSettings } from '../client/channel-options.js';
import { registerResolver } from '../resolver/register-resolver.js';
import { loadContract } from '../client/contract.js';
import { type EchoClient, echoContract, EchoServer } from '../fixtures/echo.js';

/** What the policies are tested with: servers, a registry that says what it is told, and bare grpc-js in between. */
export class EchoTrial {
  readonly #backend = new ScriptedBackend();
  readonly #registry = new Registry(this.#backend, { lingerMs: 0 });
  readonly #endings: (() => unknown)[] = [registerResolver(this.#registry), () => this.#registry.close()];
  #told: readonly Instance[] = [];

  async servers<const Names extends readonly string[]>(
    ...names: Names
  ): Promise<{ [Index in keyof Names]: EchoServer }> {
    const started = await Promise.all(names.map((name) => this.server(name)));
    return started as { [Index in keyof Names]: EchoServer };
  }

  async server(name: string, port = 0): Promise<EchoServer> {
    const server = await EchoServer.start(name, port);
    this.#endings.push(() => server.kill());
    return server;
  }

  /** From now on the list is this one: who was in it before and is not has said goodbye. */
  tell(...instances: readonly Instance[]): void {
    const addresses = new Set(instances.map(({ host, port }) => `${host}:${port}`));
    const left = this.#told.filter(({ host, port }) => !addresses.has(`${host}:${port}`));
    this.#backend.observed.say([...instances, ...left.map((instance) => ({ ...instance, draining: true }))]);
    this.#told = instances;
  }

  channel(
    settings: ChannelSettings = {},
    { target = 'scripted:///echo', overrides = {} }: { target?: string; overrides?: ChannelOptions } = {},
  ): EchoChannel {
    const { Client } = loadContract(echoContract);
    const client = new Client(target, credentials.createInsecure(), channelOptions(settings, overrides));
    this.#endings.push(() => client.close());
    return new EchoChannel(client as unknown as EchoClient);
  }

  async end(): Promise<void> {
    for (const end of this.#endings.splice(0).toReversed()) await end();
  }
}

type Get = (
  request: object,
  metadata: Metadata,
  options: { deadline: number },
  callback: (error: ServiceError | null, answer: { text: string }) => void,
) => ClientUnaryCall;

/** A channel without interceptors: what fails is seen. */
export class EchoChannel {
  readonly client: EchoClient;

  constructor(client: EchoClient) {
    this.client = client;
  }

  /** Who answered. */
  call({
    waitForReady = false,
    signal,
  }: { waitForReady?: boolean; signal?: AbortSignal } = {}): Promise<string> {
    return new Promise((resolve, reject) => {
      const get = this.client.Get.bind(this.client) as unknown as Get;
      const metadata = new Metadata({ waitForReady });
      const call = get({ text: '' }, metadata, { deadline: Date.now() + 20_000 }, (error, answer) =>
        error ? reject(error) : resolve(answer.text),
      );
      signal?.addEventListener('abort', () => call.cancel());
    });
  }

  /** How many calls each has answered; failed ones count for `error`. One after the other. */
  async answers(calls: number): Promise<Record<string, number>> {
    const counts: Record<string, number> = {};
    for (let i = 0; i < calls; i++) {
      const name = await this.call().catch(() => 'error');
      counts[name] = (counts[name] ?? 0) + 1;
    }
    return counts;
  }

  /** Calls until exactly these have answered a row of calls. */
  async untilAnsweredBy(...names: string[]): Promise<void> {
    const wanted = names.toSorted().join();
    const until = Date.now() + 20_000;
    let seen: string[];
    do {
      seen = Object.keys(await this.answers(10 * names.length)).toSorted();
      if (seen.join() === wanted) return;
      await sleep(5);
    } while (Date.now() < until);
    throw new Error(`answered by ${seen.join()}, not by ${wanted}`);
  }
}

/** An instance at a port where nobody listens. */
export async function deadInstance(id: string): Promise<Instance> {
  const listener = createServer();
  const port = await new Promise<number>((resolve) =>
    listener.listen(0, '127.0.0.1', () => resolve((listener.address() as { port: number }).port)),
  );
  await new Promise((resolve) => listener.close(resolve));
  return defineInstance({ id, service: 'echo', host: '127.0.0.1', port });
}
