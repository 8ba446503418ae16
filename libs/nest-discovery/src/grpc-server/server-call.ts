import type { ServerUnaryCall } from '@grpc/grpc-js';

/** The members that all four kinds of grpc-js server calls have. */
export type ServerCall = Pick<
  ServerUnaryCall<unknown, unknown>,
  'getDeadline' | 'cancelled' | 'on' | 'once' | 'off'
>;

/** Finds the call among the arguments of a handler: its position depends on the kind of the method. */
export function findServerCall(args: readonly unknown[]): ServerCall | undefined {
  return args.find(
    (arg): arg is ServerCall =>
      typeof arg === 'object' && arg !== null && 'getDeadline' in arg && 'cancelled' in arg,
  );
}
