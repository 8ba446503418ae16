import { experimental } from '@grpc/grpc-js';
import { DiscoveryError } from '../errors.js';

/*
 * The resolver API of grpc-js is experimental and may change in a minor version (grpc/grpc-node#719). This is the one
 * place that takes it, and it is checked here, at load, so that a change is an error with a name and not a silence.
 */
const needed = ['registerResolver', 'statusOrFromValue', 'statusOrFromError'] as const;

for (const name of needed) {
  if (typeof experimental?.[name] !== 'function') {
    throw new DiscoveryError(
      'INCOMPATIBLE_GRPC',
      `the installed @grpc/grpc-js has no experimental.${name}; install @grpc/grpc-js ~1.14.7`,
    );
  }
}

export const { registerResolver, statusOrFromValue, statusOrFromError } = experimental;

export type Resolver = experimental.Resolver;
export type ResolverListener = experimental.ResolverListener;
export type Endpoint = experimental.Endpoint;
export type GrpcUri = experimental.GrpcUri;
