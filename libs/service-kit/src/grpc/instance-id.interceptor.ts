import { Metadata, ResponderBuilder, ServerInterceptingCall, type ServerInterceptor } from '@grpc/grpc-js';

/** Metadata key of the id of the instance that sends a response or an error. */
export const instanceIdKey = 'x-instance-id';

/** Adds the id of the instance to each response. */
export function instanceIdInterceptor(instanceId: string): ServerInterceptor {
  /** A copy: a handler may share one `Metadata` among its calls. */
  const withId = (metadata?: Metadata | null) => {
    const copy = metadata?.clone() ?? new Metadata();
    copy.set(instanceIdKey, instanceId);
    return copy;
  };
  return (_method, call) => {
    let headersSent = false;
    const responder = new ResponderBuilder()
      .withSendMetadata((metadata, next) => {
        headersSent = true;
        next(withId(metadata));
      })
      // A call that fails before its first message sends no headers, only the status.
      .withSendStatus((status, next) =>
        next(headersSent ? status : { ...status, metadata: withId(status.metadata) }),
      );
    return new ServerInterceptingCall(call, responder.build());
  };
}
