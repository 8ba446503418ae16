import type { Client, ClientReadableStream } from '@grpc/grpc-js';
import type { CallOptions, GrpcClient } from '@rollcall/discovery/grpc';
import { from, Observable } from 'rxjs';

/** What a call can be given. There is no signal: whoever unsubscribes cancels. */
export type ObservableCallOptions = Omit<CallOptions, 'signal'>;

type ObservableMethod<M> = M extends (
  request: infer Request,
  options?: infer Options,
) => Promise<infer Response> | ClientReadableStream<infer Response>
  ? (request: Request, options?: Omit<Options, 'signal'>) => Observable<Response>
  : never;

/** An object whose methods return observables, of one message or of a stream, in place of promises and iterables. */
export type ObservableMethods<G extends object> = {
  readonly [Name in Exclude<keyof G, 'close'>]: ObservableMethod<G[Name]>;
};

/** The `GrpcClient` of a generated client type, with observables. */
export type ObservableClient<C extends Client> = ObservableMethods<GrpcClient<C>>;

type Method = (request: unknown, options: CallOptions) => Promise<unknown> | AsyncIterable<unknown>;

/**
 * The same client, with observables: each subscription is a call of its own, and unsubscribing cancels it. A stream that
 * is subscribed to is read as fast as it comes.
 */
export function toObservableClient<G extends object>(client: G): ObservableMethods<G> {
  const methods = Object.entries(client)
    .filter(([name, method]) => name !== 'close' && typeof method === 'function')
    .map(([name, method]) => [name, observableMethod((method as Method).bind(client))] as const);
  return Object.fromEntries(methods) as ObservableMethods<G>;
}

function observableMethod(method: Method) {
  return (request: unknown, options: ObservableCallOptions = {}): Observable<unknown> =>
    new Observable((subscriber) => {
      const over = new AbortController();
      subscriber.add(() => over.abort());
      subscriber.add(from(method(request, { ...options, signal: over.signal })).subscribe(subscriber));
    });
}
