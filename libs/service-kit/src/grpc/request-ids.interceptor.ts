import type { Metadata } from '@grpc/grpc-js';
import type { CallHandler, ExecutionContext, NestInterceptor } from '@nestjs/common';
import { Observable } from 'rxjs';
import { readRequestIds, withRequestIds } from '../requests/request-ids.js';

/** Handles each incoming gRPC call with the ids of its metadata. */
export class RequestIdsInterceptor implements NestInterceptor {
  intercept(context: ExecutionContext, next: CallHandler): Observable<unknown> {
    const metadata = context.switchToRpc().getContext<Metadata>();
    const ids = readRequestIds((name) => metadata.get(name)[0]);
    return new Observable((subscriber) => withRequestIds(ids, () => next.handle().subscribe(subscriber)));
  }
}
