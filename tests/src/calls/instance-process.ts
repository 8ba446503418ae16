/**
 * An instance as a process of its own: `node instance-process.js <InstanceConfig as JSON>`. Registers through the library, and
 * on SIGTERM leaves as a service should. Does nothing before it is asked to, so that it can stand by.
 */
import {
  ResponderBuilder,
  Server,
  ServerCredentials,
  ServerInterceptingCall,
  type sendUnaryData,
  type ServerUnaryCall,
  status,
} from '@grpc/grpc-js';
import { deregister, openRegistry, type Registration } from '@rollcall/discovery';
import { createGrpcClient, loadContract } from '@rollcall/discovery/grpc';
import { answerWith } from './asking.js';
import { contractOf, instanceIdKey, type Request, type Response } from './contract.js';

export interface InstanceConfig {
  readonly registryUrl: string;
  readonly service: string;
  readonly id: string;
  readonly host: string;
  readonly weight?: number;
}

/** How long what is in flight may take to end, in ms. */
const drainMs = 15_000;

const { registryUrl, service, id, host, weight } = JSON.parse(process.argv[2] ?? '') as InstanceConfig;
const registry = await openRegistry(registryUrl);
const paddings = new Map<number, Buffer>();
let registration: Registration | undefined;
let refusing = false;
let calls = 0;
/** Calls that are not to be answered yet. */
let held = 0;
let listeningAt = 0;
let registeredAt = 0;
let firstCallAt = 0;

const server = new Server({
  interceptors: [
    (_method, call) =>
      new ServerInterceptingCall(
        call,
        new ResponderBuilder()
          .withSendMetadata((metadata, next) => {
            metadata.set(instanceIdKey, id);
            next(metadata);
          })
          .build(),
      ),
  ],
});
server.addService(loadContract(contractOf(service)).Client.service, { Get: answer, Add: answer });

function answer(call: ServerUnaryCall<Request, Response>, reply: sendUnaryData<Response>): void {
  calls += 1;
  firstCallAt ||= performance.now();
  if (refusing) return reply({ code: status.UNAVAILABLE, details: 'refused' });
  const { responseBytes = 0, earlyMetadata = false, delayMs = 0 } = call.request;
  const response = { padding: paddingOf(responseBytes) };
  if (earlyMetadata) call.sendMetadata(call.metadata.clone());
  if (delayMs > 0) {
    held += 1;
    setTimeout(() => {
      held -= 1;
      reply(null, response);
    }, delayMs);
  } else if (earlyMetadata) setImmediate(() => reply(null, response));
  else reply(null, response);
}

/** Made once for each size: what is measured is not how fast a buffer is filled. */
function paddingOf(bytes: number): Buffer {
  let padding = paddings.get(bytes);
  if (!padding) paddings.set(bytes, (padding = Buffer.alloc(bytes, 1)));
  return padding;
}

const api = {
  async listen(port: number): Promise<number> {
    const bound = await new Promise<number>((resolve, reject) => {
      server.bindAsync(`${host}:${port}`, ServerCredentials.createInsecure(), (error, taken) =>
        error ? reject(error) : resolve(taken),
      );
    });
    listeningAt = performance.now();
    return bound;
  },
  /** Answers some calls of its own, of which nobody is told: code that runs for the first time is slow. */
  async warmUp(port: number): Promise<void> {
    const client = createGrpcClient(contractOf(service), { target: `ipv4:${host}:${port}` });
    for (let i = 0; i < 20; i++) await Promise.all(Array.from({ length: 25 }, () => client.get({})));
    client.close();
    calls = firstCallAt = 0;
  },
  async register(port: number): Promise<void> {
    registration = registry.register({ id, service, host, port, ...(weight !== undefined && { weight }) });
    await registration.registered();
    registeredAt = performance.now();
  },
  /** From now on every call is answered with UNAVAILABLE. */
  refuse(): void {
    refusing = true;
  },
  /** Calls that have arrived, whatever became of them. */
  calls: () => calls,
  held: () => held,
  /** When the first call came, in ms after it was registered and after it listened; null while none came. */
  firstCall: () =>
    firstCallAt === 0
      ? null
      : { afterRegisteredMs: firstCallAt - registeredAt, afterListeningMs: firstCallAt - listeningAt },
};
export type InstanceApi = typeof api;

process.once('SIGTERM', () => void leave().then(() => process.exit(0)));
answerWith<InstanceApi>(api);

async function leave(): Promise<void> {
  if (registration) await deregister(registry, registration);
  await new Promise<void>((resolve) => {
    const force = setTimeout(() => {
      server.forceShutdown();
      resolve();
    }, drainMs);
    server.tryShutdown(() => {
      clearTimeout(force);
      resolve();
    });
  });
  await registry.close();
}
