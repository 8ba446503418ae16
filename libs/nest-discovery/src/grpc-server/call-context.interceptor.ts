import { type CallHandler, type ExecutionContext, Injectable, type NestInterceptor } from '@nestjs/common';
import { openCallContext } from '@rollcall/discovery/grpc';
import { Observable } from 'rxjs';
import { findServerCall } from './server-call.js';

// Shared by all calls: creating an error captures a stack trace.
const callerCancelled = new Error('the incoming call was cancelled');

/**
 * Propagates the deadline and the cancellation of an incoming gRPC call to the outgoing calls of its handler (see
 * `withCallContext`), until the call ends; Nest does not. Also unsubscribes from a unary handler whose caller has cancelled. Other
 * kinds of requests pass unchanged.
 */
@Injectable()
export class CallContextInterceptor implements NestInterceptor {
  intercept(context: ExecutionContext, next: CallHandler): Observable<unknown> {
    if (context.getType() !== 'rpc') return next.handle();
    const args = context.getArgs<unknown[]>();
    const call = findServerCall(args);
    if (!call) return next.handle();
    return new Observable((subscriber) => {
      const cancellation = new AbortController();
      const cancel = () => {
        cancellation.abort(callerCancelled);
        // A handler that takes the call itself (@GrpcStreamCall) also ends it, and Nest fails if it is completed here.
        if (call !== args[0]) subscriber.complete();
      };
      call.on('cancelled', cancel);
      subscriber.add(() => call.off('cancelled', cancel));
      if (call.cancelled) return cancel();
      const deadline = Number(call.getDeadline());
      const scope = openCallContext({ deadline, signal: cancellation.signal });
      // A handler that takes the call itself has returned long before the call ends.
      if (call === args[0]) call.once('finish', () => scope.end());
      else subscriber.add(() => scope.end());
      scope.run(() => next.handle().subscribe(subscriber));
    });
  }
}
