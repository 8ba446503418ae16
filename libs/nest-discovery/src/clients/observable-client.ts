import type { Client } from '@grpc/grpc-js';
import type { CallOptions, GrpcClient } from '@rollcall/discovery/grpc';
import { from, Observable } from 'rxjs';

/** Has no signal: unsubscribing cancels the call. */
export type ObservableCallOptions = Omit<CallOptions, 'signal'>;

type ObservableMethod<M> = M extends (
  request: infer Request,
  options?: infer Options,
) => Promise<infer Response> | AsyncIterableIterator<infer Response>
  ? (request: Request, options?: Omit<Options, 'signal'>) => Observable<Response>
  : never;

type ChannelMethods = Pick<GrpcClient<Client>, 'close' | 'getConnectivityState'>;
const channelMethods: readonly string[] = [
  'close',
  'getConnectivityState',
] satisfies (keyof ChannelMethods)[];

/** The methods of a client, each returning an observable instead of a promise or an async iterable. */
export type ObservableMethods<G extends object> = {
  readonly [Name in Exclude<keyof G, keyof ChannelMethods>]: ObservableMethod<G[Name]>;
};

/** The `GrpcClient` of a generated client type, with observables. */
export type ObservableClient<C extends Client> = ObservableMethods<GrpcClient<C>>;

type Method = (request: unknown, options: CallOptions) => Promise<unknown> | AsyncIterable<unknown>;

/** Each subscription starts a call of its own; unsubscribing cancels it. Streams are read without flow control. */
export function toObservableClient<G extends object>(client: G): ObservableMethods<G> {
  const methods = Object.entries(client)
    .filter(([name, method]) => !channelMethods.includes(name) && typeof method === 'function')
    .map(([name, method]) => [name, toObservableMethod((method as Method).bind(client))] as const);
  return Object.fromEntries(methods) as ObservableMethods<G>;
}

function toObservableMethod(method: Method) {
  return (request: unknown, options: ObservableCallOptions = {}): Observable<unknown> =>
    new Observable((subscriber) => {
      const unsubscribed = new AbortController();
      subscriber.add(() => unsubscribed.abort());
      const { signal } = unsubscribed;
      subscriber.add(from(method(request, { ...options, signal })).subscribe(subscriber));
    });
}
