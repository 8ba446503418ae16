import { ResponderBuilder, ServerInterceptingCall, type ServerInterceptor, status } from '@grpc/grpc-js';

/** Metadata key of the instance that answered. */
export const instanceIdKey = 'x-instance-id';

/**
 * Sees every call of a server: signs each response with the instance that gives it, and remembers the streams that are
 * open, because one that never ends by itself (a health watch) would hold up a shutdown for ever.
 */
export class CallTracker {
  readonly #instanceId: string;
  readonly #endStream = new Set<() => void>();
  #draining = false;

  constructor(instanceId: string) {
    this.#instanceId = instanceId;
  }

  readonly interceptor: ServerInterceptor = (method, call) => {
    const end = () =>
      call.sendStatus({
        code: status.UNAVAILABLE,
        details: `${this.#instanceId} leaves; go on with another instance`,
      });
    const responder = new ResponderBuilder().withSendMetadata((metadata, next) => {
      metadata.set(instanceIdKey, this.#instanceId);
      next(metadata);
    });
    if (method.responseStream) {
      if (this.#draining) setImmediate(end);
      this.#endStream.add(end);
      responder
        .withSendStatus((result, next) => {
          this.#endStream.delete(end);
          next(result);
        })
        .withStart((next) => next({ onCancel: () => this.#endStream.delete(end) }));
    }
    return new ServerInterceptingCall(call, responder.build());
  };

  /** Ends the open streams, and those that come, with UNAVAILABLE: their callers go on with another instance. */
  endStreams(): void {
    this.#draining = true;
    for (const end of this.#endStream) end();
    this.#endStream.clear();
  }
}
