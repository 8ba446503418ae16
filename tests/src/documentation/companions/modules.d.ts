// What the pages use of packages that this repository does not install. The pages were tried with the packages themselves.
declare module 'nice-grpc' {
  import type { Channel, ChannelCredentials, ChannelOptions } from '@grpc/grpc-js';

  export function createChannel(
    address: string,
    credentials?: ChannelCredentials,
    options?: ChannelOptions,
  ): Channel;
  export function createClient<Definition>(
    definition: Definition,
    channel: Channel,
  ): { greet(request: { name: string }): Promise<{ text: string }> };
}

declare module '@connectrpc/connect-web' {
  export function createConnectTransport(options: {
    readonly baseUrl: string;
    readonly useHttpGet?: boolean;
    readonly fetch?: typeof globalThis.fetch;
  }): object;
}
