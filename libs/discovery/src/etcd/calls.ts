import type {
  AuthClient,
  IDuplexStream,
  ILeaseKeepAliveRequest,
  ILeaseKeepAliveResponse,
  KVClient,
  LeaseClient,
} from 'etcd3';
import type { Connection } from './member.js';
import type { WatchStream } from './watch.js';

/** The services whose calls are a question and an answer, with etcd3's types of both. */
export interface Services {
  readonly Auth: AuthClient;
  readonly KV: KVClient;
  readonly Lease: LeaseClient;
}

type Method = (request: never, ...rest: never[]) => Promise<unknown>;

export type Question<S extends keyof Services, M extends keyof Services[S]> = Services[S][M] extends Method
  ? Parameters<Services[S][M]>[0]
  : never;

export type Answer<S extends keyof Services, M extends keyof Services[S]> = Services[S][M] extends Method
  ? Awaited<ReturnType<Services[S][M]>>
  : never;

/** What ends a call that nobody answers: by default calls have no deadline, and a frozen etcd holds them for ever. */
export interface Bounds {
  readonly timeoutMs: number;
  readonly signal?: AbortSignal;
}

/** The methods as grpc-js makes them; etcd3 has types for them behind its own retries only. */
interface Methods {
  [unary: string]: (
    request: unknown,
    metadata: Connection['metadata'],
    options: { readonly deadline: number },
    done: (error: Error | null, answer: unknown) => void,
  ) => { cancel(): void };
}
interface StreamMethods {
  watch(metadata: Connection['metadata']): WatchStream;
  leaseKeepAlive(
    metadata: Connection['metadata'],
    options: { readonly deadline: number },
  ): IDuplexStream<ILeaseKeepAliveRequest, ILeaseKeepAliveResponse>;
}

export function unary<T>(
  { client, metadata }: Connection,
  method: string,
  request: unknown,
  { timeoutMs, signal }: Bounds,
): Promise<T> {
  return new Promise((resolve, reject) => {
    const methods = client as unknown as Methods;
    const options = { deadline: Date.now() + timeoutMs };
    const call = methods[method]!(request, metadata, options, (error, answer) => {
      forget();
      if (error) reject(error);
      else resolve(answer as T);
    });
    const forget = onAbort(signal, () => call.cancel());
  });
}

/** The protocol has a stream for it; one that is used once needs nobody to look after it. */
export function keepAlive(
  { client, metadata }: Connection,
  lease: string,
  { timeoutMs, signal }: Bounds,
): Promise<number> {
  return new Promise((resolve, reject) => {
    const methods = client as unknown as StreamMethods;
    const stream = methods.leaseKeepAlive(metadata, { deadline: Date.now() + timeoutMs });
    const forget = onAbort(signal, () => stream.cancel());
    const done = (settle: () => void) => {
      forget();
      settle();
    };
    stream.on('data', ({ TTL }) => done(() => resolve(Number(TTL))));
    stream.on('error', (error) => done(() => reject(error)));
    stream.on('end', () => done(() => reject(new Error('no answer to a keepalive'))));
    stream.write({ ID: lease });
    stream.end();
  });
}

export function watchStream({ client, metadata }: Connection): WatchStream {
  return (client as unknown as StreamMethods).watch(metadata);
}

/** Runs `task` when `signal` aborts, or has; returns what calls it off. */
function onAbort(signal: AbortSignal | undefined, task: () => void): () => void {
  if (signal?.aborted) task();
  signal?.addEventListener('abort', task);
  return () => signal?.removeEventListener('abort', task);
}
