import type { ServerUnaryCall } from '@grpc/grpc-js';
import { type CallHandler, type ExecutionContext, Injectable, type NestInterceptor } from '@nestjs/common';
import { withCallContext } from '@rollcall/discovery/grpc';
import { Observable } from 'rxjs';

/** What every call of a grpc-js server has, whatever streams. */
type IncomingGrpcCall = Pick<ServerUnaryCall<unknown, unknown>, 'getDeadline' | 'cancelled' | 'on' | 'off'>;

// One for all: to make an error costs a stack trace.
const over = new Error('the call that it was made for is over');

/**
 * Passes on what a handler was given: each call it makes ends a margin before the incoming one's deadline, and is
 * cancelled with it (see `runWithin`). Nest passes neither on, and goes on with a unary handler whose caller has gone;
 * this unsubscribes from it. What is no gRPC call is let through.
 */
@Injectable()
export class CallContextInterceptor implements NestInterceptor {
  intercept(context: ExecutionContext, next: CallHandler): Observable<unknown> {
    if (context.getType() !== 'rpc') return next.handle();
    const args = context.getArgs<unknown[]>();
    const call = args.find(isGrpcCall);
    if (!call) return next.handle();
    return new Observable((subscriber) => {
      const cancelled = new AbortController();
      const cancel = () => {
        cancelled.abort(over);
        // A handler that was given the bare call (@GrpcStreamCall) ends it itself, and Nest fails without its word.
        if (call !== args[0]) subscriber.complete();
      };
      call.on('cancelled', cancel);
      subscriber.add(() => call.off('cancelled', cancel));
      if (call.cancelled) return cancel();
      const deadline = Number(call.getDeadline());
      withCallContext({ deadline, signal: cancelled.signal }, () => next.handle().subscribe(subscriber));
    });
  }
}

function isGrpcCall(argument: unknown): argument is IncomingGrpcCall {
  return (
    typeof argument === 'object' &&
    argument !== null &&
    'getDeadline' in argument &&
    typeof argument.getDeadline === 'function'
  );
}
