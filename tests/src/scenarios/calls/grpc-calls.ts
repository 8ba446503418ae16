import { connectivityState, type ServiceError, status } from '@grpc/grpc-js';
import type { Registry } from '@rollcall/discovery';
import { createGrpcClient, type GrpcClientOptions, registerResolver } from '@rollcall/discovery/grpc';
import { contractOf, instanceIdKey } from './contract.js';
import { type ServiceCalls, withoutVariables } from './service-calls.js';

/** Overrides the defaults of the client. */
export type GrpcOptions = Pick<GrpcClientOptions, 'waitForReadyMs' | 'channel' | 'channelOptions'>;

export function grpcCalls(registry: Registry, service: string, options: GrpcOptions = {}): ServiceCalls {
  registerResolver(registry);
  const client = createGrpcClient(contractOf(service), {
    target: `${registry.scheme}:///${service}`,
    ...options,
  });
  return {
    connected: () => client.getConnectivityState(true) === connectivityState.READY,
    async call(method, request, withinMs) {
      let instance = '';
      await client[method](request, {
        deadline: Date.now() + withinMs,
        onHeaders: (headers) => (instance = String(headers.get(instanceIdKey)[0])),
      });
      return instance;
    },
    async watch(request, signal) {
      for await (const _ of client.watch(request, { signal }));
      throw new Error('the stream has ended');
    },
    reasonOf(error) {
      const { code, details } = error as ServiceError;
      return code === undefined ? String(error) : `${status[code]}: ${withoutVariables(details)}`;
    },
  };
}
