import { ResponderBuilder, ServerInterceptingCall, type ServerInterceptor, status } from '@grpc/grpc-js';

/** Metadata key of the id of the instance that sends a response. */
export const instanceIdKey = 'x-instance-id';

/**
 * Adds the instance id to each response, and tracks the open server streams: one that never ends by itself (a health
 * watch) would block `tryShutdown` for ever.
 */
export class CallTracker {
  readonly #instanceId: string;
  readonly #endOpenStreams = new Set<() => void>();
  #draining = false;

  constructor(instanceId: string) {
    this.#instanceId = instanceId;
  }

  readonly interceptor: ServerInterceptor = (method, call) => {
    const end = () =>
      call.sendStatus({
        code: status.UNAVAILABLE,
        details: `instance ${this.#instanceId} is shutting down; retry on another`,
      });
    const responder = new ResponderBuilder().withSendMetadata((metadata, next) => {
      metadata.set(instanceIdKey, this.#instanceId);
      next(metadata);
    });
    if (method.responseStream) {
      if (this.#draining) setImmediate(end);
      this.#endOpenStreams.add(end);
      responder
        .withSendStatus((result, next) => {
          this.#endOpenStreams.delete(end);
          next(result);
        })
        .withStart((next) => next({ onCancel: () => this.#endOpenStreams.delete(end) }));
    }
    return new ServerInterceptingCall(call, responder.build());
  };

  /** Ends the open streams, and all later ones, with UNAVAILABLE, so that clients continue on another instance. */
  endStreams(): void {
    this.#draining = true;
    for (const end of this.#endOpenStreams) end();
    this.#endOpenStreams.clear();
  }
}
