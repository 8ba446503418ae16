import { Metadata, type ServerInterceptingCall, type ServerInterceptor, status } from '@grpc/grpc-js';
import { LinkedList, type ListEntry } from '../../runtime/linked-list.js';

type Call = Parameters<ServerInterceptor>[1];
type Listener = Parameters<Call['start']>[0];

/** A call in flight. */
interface OpenCall {
  readonly path: string;
  entry: ListEntry<OpenCall> | undefined;
  end(): void;
}

/** Streams of health and reflection, which stay open for as long as the client likes. */
const builtInLongLivedStreams = [
  '/grpc.health.v1.Health/Watch',
  '/grpc.reflection.v1.ServerReflection/ServerReflectionInfo',
  '/grpc.reflection.v1alpha.ServerReflection/ServerReflectionInfo',
];

/** Knows the calls in flight of a server, and ends them with UNAVAILABLE: clients may retry that on another instance. */
export class CallTracker {
  readonly #longLivedStreams: ReadonlySet<string>;
  readonly #open = new LinkedList<OpenCall>();
  #draining = false;

  /** `longLivedStreams`: paths, `/package.Service/Method`, of the streams that never end by themselves. */
  constructor(longLivedStreams: readonly string[]) {
    this.#longLivedStreams = new Set([...builtInLongLivedStreams, ...longLivedStreams]);
  }

  /** Replaces `start` of each call: a `ServerInterceptingCall` around it would cost several times as much. */
  readonly interceptor: ServerInterceptor = ({ path }, call) => {
    const start = call.start.bind(call);
    call.start = (listener) => start(this.#track(path, call, listener));
    return call as ServerInterceptingCall;
  };

  /** Ends the long-lived streams, and all later ones: `tryShutdown` would wait for them for ever. */
  endLongLivedStreams(): void {
    this.#draining = true;
    for (const call of this.#open.toArray()) if (this.#longLivedStreams.has(call.path)) call.end();
  }

  endAll(): void {
    for (const call of this.#open.toArray()) call.end();
  }

  /** grpc-js calls `onReceiveMetadata` first, unless the call is cancelled already, and `onCancel` at the end of every call. */
  #track(path: string, call: Call, listener: Listener): Listener {
    const open: OpenCall = {
      path,
      entry: undefined,
      end: () => {
        this.#remove(open);
        endCall(call);
        // The handler stops now, not when the client has received everything.
        listener.onCancel();
      },
    };
    return {
      onReceiveMetadata: (metadata) => {
        open.entry = this.#open.add(open);
        listener.onReceiveMetadata(metadata);
        if (this.#draining && this.#longLivedStreams.has(path)) open.end();
      },
      onReceiveMessage: (message) => listener.onReceiveMessage(message),
      onReceiveHalfClose: () => listener.onReceiveHalfClose(),
      onCancel: () => {
        if (this.#remove(open)) listener.onCancel();
      },
    };
  }

  /** Returns whether it was open. */
  #remove(call: OpenCall): boolean {
    if (!call.entry) return false;
    this.#open.remove(call.entry);
    call.entry = undefined;
    return true;
  }
}

function endCall(call: Call): void {
  call.sendStatus({
    code: status.UNAVAILABLE,
    details: 'the server is shutting down; retry on another instance',
    metadata: new Metadata(),
  });
  // What the handler still sends: grpc-js would write it after the end of the stream, and lose the status.
  Object.assign(call, { sendMetadata() {}, sendMessage() {}, sendStatus() {} });
}
