import {
  Metadata,
  ResponderBuilder,
  ServerInterceptingCall,
  type ServerInterceptor,
  status,
} from '@grpc/grpc-js';

/** Metadata key of the id of the instance that sends a response or an error. */
export const instanceIdKey = 'x-instance-id';

/** Adds the instance id to each response, and ends the open server streams when the server shuts down. */
export class CallTracker {
  readonly #instanceId: string;
  readonly #longLivedStreams: ReadonlySet<string>;
  /** The open streams: the function ends one, the value is whether it is long-lived. */
  readonly #openStreams = new Map<() => void, boolean>();
  #draining = false;

  /** `longLivedStreams`: paths, `/package.Service/Method`, of the streams that never end by themselves. */
  constructor(instanceId: string, longLivedStreams: ReadonlySet<string>) {
    this.#instanceId = instanceId;
    this.#longLivedStreams = longLivedStreams;
  }

  readonly interceptor: ServerInterceptor = (method, call) => {
    let headersSent = false;
    const end = () =>
      call.sendStatus({
        code: status.UNAVAILABLE,
        details: `instance ${this.#instanceId} is shutting down; retry on another`,
        metadata: headersSent ? new Metadata() : this.#withInstanceId(),
      });
    const responder = new ResponderBuilder()
      .withSendMetadata((metadata, next) => {
        headersSent = true;
        next(this.#withInstanceId(metadata));
      })
      .withSendStatus((result, next) => {
        this.#openStreams.delete(end);
        // A call that fails before its first message sends no headers, only the status.
        next(headersSent ? result : { ...result, metadata: this.#withInstanceId(result.metadata) });
      });
    if (method.responseStream) {
      const longLived = this.#longLivedStreams.has(method.path);
      if (longLived && this.#draining) setImmediate(end);
      this.#openStreams.set(end, longLived);
      responder.withStart((next) => next({ onCancel: () => this.#openStreams.delete(end) }));
    }
    return new ServerInterceptingCall(call, responder.build());
  };

  /** Ends the long-lived streams, and all later ones: `tryShutdown` would wait for them for ever. */
  endLongLivedStreams(): void {
    this.#draining = true;
    this.#endStreams((longLived) => longLived);
  }

  /** Ends all open streams. Clients get UNAVAILABLE, and continue on another instance. */
  endStreams(): void {
    this.#endStreams(() => true);
  }

  #endStreams(ends: (longLived: boolean) => boolean): void {
    for (const [end, longLived] of this.#openStreams) {
      if (!ends(longLived)) continue;
      this.#openStreams.delete(end);
      end();
    }
  }

  /** A copy: a handler may share one `Metadata` among its calls. */
  #withInstanceId(metadata?: Metadata | null): Metadata {
    const copy = metadata?.clone() ?? new Metadata();
    copy.set(instanceIdKey, this.#instanceId);
    return copy;
  }
}
