import type {
  AuthClient,
  IDuplexStream,
  ILeaseKeepAliveRequest,
  ILeaseKeepAliveResponse,
  KVClient,
  LeaseClient,
} from 'etcd3';
import type { Connection } from './endpoint.js';
import type { WatchStream } from './watch.js';

/** The services with unary methods, with etcd3's types of requests and responses. */
export interface Services {
  readonly Auth: AuthClient;
  readonly KV: KVClient;
  readonly Lease: LeaseClient;
}

type Method = (request: never, ...rest: never[]) => Promise<unknown>;
type MethodOf<S extends keyof Services, M extends keyof Services[S]> = Extract<Services[S][M], Method>;

export type Request<S extends keyof Services, M extends keyof Services[S]> = Parameters<MethodOf<S, M>>[0];
export type Response<S extends keyof Services, M extends keyof Services[S]> = Awaited<
  ReturnType<MethodOf<S, M>>
>;

/** A gRPC call has no deadline by default; a frozen etcd would never answer it. */
export interface CallOptions {
  readonly timeoutMs: number;
  readonly signal?: AbortSignal;
}

interface Deadline {
  readonly deadline: number;
}

/** The methods as grpc-js generates them; etcd3 declares them only behind its own retries. */
interface UnaryMethods {
  [method: string]: (
    request: unknown,
    metadata: Connection['metadata'],
    options: Deadline,
    done: (error: Error | null, response: unknown) => void,
  ) => { cancel(): void };
}
interface StreamMethods {
  watch(metadata: Connection['metadata']): WatchStream;
  leaseKeepAlive(
    metadata: Connection['metadata'],
    options: Deadline,
  ): IDuplexStream<ILeaseKeepAliveRequest, ILeaseKeepAliveResponse>;
}

export function callUnary<T>(
  { client, metadata }: Connection,
  method: string,
  request: unknown,
  { timeoutMs, signal }: CallOptions,
): Promise<T> {
  return new Promise<T>((resolve, reject) => {
    const methods = client as unknown as UnaryMethods;
    const options = { deadline: Date.now() + timeoutMs };
    const call = methods[method]!(request, metadata, options, (error, response) => {
      removeListener();
      if (error) reject(error);
      else resolve(response as T);
    });
    const removeListener = onAbort(signal, () => call.cancel());
  });
}

/** Renews a lease, over a stream for this one request. Resolves with its TTL in s, 0 when the lease does not exist. */
export async function renewLease(
  { client, metadata }: Connection,
  lease: string,
  { timeoutMs, signal }: CallOptions,
): Promise<number> {
  const methods = client as unknown as StreamMethods;
  const stream = methods.leaseKeepAlive(metadata, { deadline: Date.now() + timeoutMs });
  const removeListener = onAbort(signal, () => stream.cancel());
  const renewed = new Promise<number>((resolve, reject) => {
    stream.on('data', ({ TTL }) => resolve(Number(TTL)));
    stream.on('error', reject);
    stream.on('end', () => reject(new Error('no response to a keepalive')));
  });
  stream.write({ ID: lease });
  stream.end();
  return renewed.finally(removeListener);
}

export function openWatchStream({ client, metadata }: Connection): WatchStream {
  return (client as unknown as StreamMethods).watch(metadata);
}

/** Runs `task` when `signal` aborts, at once if it has aborted. Returns a function that removes the listener. */
function onAbort(signal: AbortSignal | undefined, task: () => void): () => void {
  if (signal?.aborted) task();
  signal?.addEventListener('abort', task);
  return () => signal?.removeEventListener('abort', task);
}
