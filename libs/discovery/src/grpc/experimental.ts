import { experimental } from '@grpc/grpc-js';
import { DiscoveryError } from '../model/errors.js';

/*
 * The APIs of grpc-js for resolvers and load-balancing policies are experimental and may change in a minor version
 * (grpc/grpc-node#719). Only this file imports them. It checks them at load, so that an incompatible version fails at
 * once with the name of what is missing.
 */
const functions = [
  'log',
  'registerResolver',
  'statusOrFromValue',
  'statusOrFromError',
  'splitHostPort',
  'uriToString',
  'subchannelAddressToString',
  'registerLoadBalancerType',
  'parseLoadBalancingConfig',
  'createChildChannelControlHelper',
  'ChildLoadBalancerHandler',
  'LeafLoadBalancer',
  'QueuePicker',
  'UnavailablePicker',
] as const;

for (const name of functions) assertShape(name, typeof experimental?.[name] === 'function');
for (const method of [
  'startConnecting',
  'getConnectivityState',
  'getPicker',
  'getEndpoint',
  'exitIdle',
  'destroy',
] as const) {
  assertShape(
    `LeafLoadBalancer.${method}`,
    typeof experimental.LeafLoadBalancer.prototype[method] === 'function',
  );
}
assertShape(
  'SUBCHANNEL_ARGS_EXCLUDE_KEY_PREFIX',
  typeof experimental.SUBCHANNEL_ARGS_EXCLUDE_KEY_PREFIX === 'string',
);
assertShape('PickResultType', typeof experimental.PickResultType?.COMPLETE === 'number');

function assertShape(name: string, present: boolean): void {
  if (!present) {
    throw new DiscoveryError(
      'INCOMPATIBLE_GRPC',
      `the installed @grpc/grpc-js has no experimental.${name}: install @grpc/grpc-js ~1.14.4`,
    );
  }
}

export const {
  log,
  registerResolver,
  statusOrFromValue,
  statusOrFromError,
  splitHostPort,
  uriToString,
  subchannelAddressToString,
  registerLoadBalancerType,
  parseLoadBalancingConfig,
  createChildChannelControlHelper,
  ChildLoadBalancerHandler,
  LeafLoadBalancer,
  QueuePicker,
  UnavailablePicker,
  PickResultType,
  SUBCHANNEL_ARGS_EXCLUDE_KEY_PREFIX,
} = experimental;

export type Resolver = experimental.Resolver;
export type ResolverListener = experimental.ResolverListener;
export type Endpoint = experimental.Endpoint;
export type GrpcUri = experimental.GrpcUri;
export type StatusOr<T> = experimental.StatusOr<T>;
export type LoadBalancer = experimental.LoadBalancer;
export type ChannelControlHelper = experimental.ChannelControlHelper;
export type TypedLoadBalancingConfig = experimental.TypedLoadBalancingConfig;
/** A policy in a service config: `{ [name]: settings }`. */
export type LoadBalancingConfig = Parameters<typeof experimental.parseLoadBalancingConfig>[0];
export type SubchannelInterface = experimental.SubchannelInterface;
export type Picker = experimental.Picker;
export type PickArgs = experimental.PickArgs;
export type PickResult = experimental.PickResult;
