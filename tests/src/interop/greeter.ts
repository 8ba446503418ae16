import { fileURLToPath } from 'node:url';
import * as grpc from '@grpc/grpc-js';
import type { GracefulShutdown, InstanceInit, Registry } from '@rollcall/discovery';
import { createGrpcClient, type GrpcContract, loadContract, serveGracefully } from '@rollcall/discovery/grpc';
import { answerOf, CallResults } from './call-results.js';

interface GreeterClient extends grpc.Client {
  Greet(request: { name: string }, callback: grpc.requestCallback<{ text: string }>): grpc.ClientUnaryCall;
}

const contractOf = (service: string): GrpcContract<GreeterClient> => ({
  service,
  package: 'greeter.v1',
  grpcService: 'Greeter',
  protoPath: fileURLToPath(new URL('../../../examples/etcd-greeter/greeter.proto', import.meta.url)),
});

/** A server on loopback that is not registered. */
export async function listen(): Promise<{
  readonly server: grpc.Server;
  readonly address: string;
  readonly port: number;
}> {
  const server = new grpc.Server();
  let address = '';
  server.addService(loadContract(contractOf('greeter')).Client.service, {
    Greet: ({ request }: { request: { name: string } }, callback: grpc.sendUnaryData<object>) =>
      callback(null, { text: answerOf(address).replace('you', request.name) }),
  });
  const insecure = grpc.ServerCredentials.createInsecure();
  const port = await new Promise<number>((resolve, reject) => {
    server.bindAsync('127.0.0.1:0', insecure, (error, bound) => (error ? reject(error) : resolve(bound)));
  });
  address = `127.0.0.1:${port}`;
  return { server, address, port };
}

/** A server of ours, registered. */
export class OurServer {
  readonly address: string;
  readonly #shutdown: GracefulShutdown;

  private constructor(address: string, shutdown: GracefulShutdown) {
    this.address = address;
    this.#shutdown = shutdown;
  }

  static async start(
    registry: Registry,
    service: string,
    more: Partial<InstanceInit> = {},
  ): Promise<OurServer> {
    const { server, address, port } = await listen();
    const id = `${service}-${port}`;
    const registration = registry.register({ id, service, host: '127.0.0.1', port, ...more });
    await registration.registered();
    return new OurServer(address, serveGracefully(server, registration, { signals: false }));
  }

  get answer(): string {
    return answerOf(this.address);
  }

  /** Deregisters, and lets calls in flight complete. */
  async close(): Promise<void> {
    await this.#shutdown.close();
  }
}

const clientOf = (target: string, service: string) =>
  createGrpcClient(contractOf(service), { target, channel: { loadBalancing: 'round_robin' } });

/** A client of ours that calls `target` all the time. */
export class OurClient {
  readonly results: CallResults = new CallResults();
  readonly #client: ReturnType<typeof clientOf>;
  readonly #ended: Promise<void>;
  #closed = false;

  constructor(scheme: string, service: string) {
    this.#client = clientOf(`${scheme}:///${service}`, service);
    this.#ended = this.#call();
  }

  async #call(): Promise<void> {
    while (!this.#closed) {
      const result = await this.#client.greet({ name: 'you' }).then(
        ({ text }) => text,
        (error: Error) => `failed: ${error.message}`,
      );
      this.results.all.push(result);
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }

  async close(): Promise<void> {
    this.#closed = true;
    await this.#ended;
    this.#client.close();
  }
}
