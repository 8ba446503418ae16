import type { ChannelInterface, Client, Interceptor } from '@grpc/grpc-js';
import type { RetryOptions } from '../../calling/retry-budget.js';
import { assertInteger, invalidOption } from '../../model/invalid-option.js';
import { channelOfCall } from './channel-of-call.js';
import { ConnectivityTracker } from './connectivity-tracker.js';
import { deadlineInterceptor, type DeadlineSettings } from './deadline-interceptor.js';
import { guardedInterceptor } from './guarded-interceptor.js';
import { asInterceptingCall, type NextCall } from './intercepting-call.js';
import { type MethodOptions, toMethodPath, validMethodOptions } from './method-options.js';
import { observedCallInterceptor } from './observed-call.js';
import { retryInterceptor } from './retry-interceptor.js';
import { waitForReadyInterceptor } from './wait-for-ready-interceptor.js';

export interface InterceptorsOptions extends DeadlineSettings {
  /**
   * Paths, `/package.Service/Method`, of the methods that may be retried; `[]` for none. A generated definition has them:
   * `[GreeterService.greet.path]`. For a proto that is loaded at run time see the function `idempotentMethods`.
   */
  readonly idempotentMethods: Iterable<string>;
  /** How idempotent methods are retried. */
  readonly retry?: RetryOptions;
  /**
   * How long calls wait while no instance is ready, in ms: for the restart of an only instance, or for the first response
   * of a registry. The time counts from the loss of the last instance, so calls fail at once in a longer outage. Default
   * 3,000; 0: not at all.
   */
  readonly waitForReadyMs?: number;
  /**
   * Paths of methods that metrics name, besides those in `idempotentMethods` and `methods`; all others count as `other` (gRFC
   * A66). Default none. A generated definition has them: `Object.values(GreeterService).map(({ path }) => path)`.
   */
  readonly knownMethods?: Iterable<string>;
  /** Settings of single methods, by their paths. */
  readonly methods?: Readonly<Record<string, MethodOptions>>;
  /** Run once for each call, outside of deadline and retries. One that throws fails its call. */
  readonly interceptors?: readonly Interceptor[];
  /**
   * Run for each attempt of a call, and so again when it is retried: to refresh a token, or to trace. One that throws fails its call.
   */
  readonly attemptInterceptors?: readonly Interceptor[];
  /** The client, whose channel calls wait for. Only needed for one that was created without `channelOptions()`. */
  readonly client?: () => Pick<Client, 'getChannel'>;
}

/**
 * What `createGrpcClient` adds to calls, for any client of grpc-js: a deadline and the context of the incoming call (see
 * {@link withCallContext}), retries and hedging of idempotent unary methods, and waiting while no instance is ready. Each
 * channel that uses them has a retry budget and a clock of its own. Hedging and attempt timeouts need a channel with
 * `channelOptions()`. nice-grpc takes no interceptors: its channels have the retries of `channelOptions({ retryPolicy })`.
 * @example
 * new GreeterClient('consul:///greeter', credentials.createInsecure(), {
 *   ...channelOptions(),
 *   interceptors: interceptors({ idempotentMethods: [GreeterService.greet.path] }),
 * });
 * @throws {DiscoveryError} INVALID_OPTION.
 */
export function interceptors({
  interceptors: callInterceptors = [],
  idempotentMethods,
  retry,
  waitForReadyMs = 3_000,
  knownMethods = [],
  methods = {},
  attemptInterceptors = [],
  client,
  defaultTimeoutMs = 5_000,
  deadlineMarginMs = 20,
}: InterceptorsOptions): Interceptor[] {
  if (typeof idempotentMethods?.[Symbol.iterator] !== 'function' || typeof idempotentMethods === 'string') {
    const advice =
      'list the paths of the methods that may be retried, /package.Service/Method, or [] for none';
    throw invalidOption('idempotentMethods', idempotentMethods, advice);
  }
  assertInteger('waitForReadyMs', waitForReadyMs, 0);
  assertInteger('defaultTimeoutMs', defaultTimeoutMs, 1);
  assertInteger('deadlineMarginMs', deadlineMarginMs, 0);
  const idempotentPaths = new Set(
    [...idempotentMethods].map((name) => toMethodPath('idempotentMethods', name)),
  );
  const methodOptions = validMethodOptions(methods, idempotentPaths);
  const knownPaths = new Set([...knownMethods].map((name) => toMethodPath('knownMethods', name)));
  for (const path of [...idempotentPaths, ...methodOptions.keys()]) knownPaths.add(path);
  const chain = (channel: (() => ChannelInterface) | undefined): Interceptor[] => {
    const connectivity =
      channel && waitForReadyMs > 0 ? new ConnectivityTracker(channel, waitForReadyMs) : undefined;
    return [
      observedCallInterceptor({
        getTarget: channel && (() => channel().getTarget()),
        isKnownMethod: (path) => knownPaths.has(path),
      }),
      ...callInterceptors.map(guardedInterceptor),
      deadlineInterceptor({ defaultTimeoutMs, deadlineMarginMs }, methodOptions),
      retryInterceptor({ ...retry, idempotentMethods: idempotentPaths }, connectivity, methodOptions),
      ...(connectivity ? [waitForReadyInterceptor(connectivity)] : []),
      // After the wait, so that a token is as new as it can be.
      ...attemptInterceptors.map(guardedInterceptor),
    ];
  };
  if (client) return chain(() => client().getChannel());
  return [forEachChannel((channel) => chain(channel && (() => channel)))];
}

/** Makes one chain of interceptors for each channel. */
function forEachChannel(create: (channel: ChannelInterface | undefined) => Interceptor[]): Interceptor {
  const chains = new WeakMap<ChannelInterface, Interceptor>();
  const unknownChannel = inOrder(create(undefined));
  return (options, nextCall) => {
    const channel = channelOfCall(options);
    if (!channel) return unknownChannel(options, nextCall);
    let chain = chains.get(channel);
    if (!chain) chains.set(channel, (chain = inOrder(create(channel))));
    return chain(options, nextCall);
  };
}

function inOrder(list: readonly Interceptor[]): Interceptor {
  return (options, nextCall) => {
    const first = list.reduceRight<NextCall>(
      (next, interceptor) => (current) => interceptor(current, next),
      nextCall,
    );
    return asInterceptingCall(first(options));
  };
}
