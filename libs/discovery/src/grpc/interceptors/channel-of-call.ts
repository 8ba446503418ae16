import type { CallInvocationTransformer, CallOptions, ChannelInterface } from '@grpc/grpc-js';

/** In the options of a call. All copies of this library share it. */
const key = Symbol.for('@rollcall/discovery/channel');

type Options = CallOptions & { [key]?: ChannelInterface };

/** An option of a client of grpc-js: tells the interceptors of a call its channel, which grpc-js does not. */
export const passChannel: CallInvocationTransformer = (call) => {
  call.callOptions = Object.assign({}, call.callOptions, { [key]: call.channel });
  return call;
};

/** Undefined if the client was created without {@link passChannel}. */
export function channelOfCall(options: CallOptions): ChannelInterface | undefined {
  return (options as Options)[key];
}
