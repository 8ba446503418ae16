import type { Server, ServerInterceptor } from '@grpc/grpc-js';

/*
 * What grpc-js has no public way for: to add an interceptor to a server that exists (they are an option of its constructor),
 * and to list its methods. Only this file reads those private members. With a version that has not got them a shutdown ends no
 * stream: they last until the drain timeout, and then end with CANCELLED.
 */
interface PrivateServer {
  /** Read anew for each call. */
  interceptors?: readonly ServerInterceptor[];
  /** By path: `/package.Service/Method`. */
  readonly handlers?: ReadonlyMap<string, { readonly type?: unknown }>;
}

/** Makes `interceptor` the outermost one: it sees a call after all others. Returns false if that is impossible. */
export function addInterceptor(server: Server, interceptor: ServerInterceptor): boolean {
  const target = server as unknown as PrivateServer;
  if (!Array.isArray(target.interceptors)) return false;
  // A copy: the array is the caller's, who may have given it to several servers.
  target.interceptors = [...target.interceptors, interceptor];
  return true;
}

/** The methods of a server by path, and whether they respond with a stream; undefined if unknown. */
export function methodsOf(server: Server): ReadonlyMap<string, boolean> | undefined {
  const { handlers } = server as unknown as PrivateServer;
  if (!(handlers instanceof Map)) return undefined;
  const methods = [...(handlers as NonNullable<PrivateServer['handlers']>)];
  return new Map(methods.map(([path, { type }]) => [path, type === 'serverStream' || type === 'bidi']));
}
