import type { Metadata } from '@grpc/grpc-js';
import type { EndpointHealth } from '../calling/endpoint-health.js';
import type { PickTarget } from '../calling/pickers.js';

/** An instance, as the policies of this library know it. */
export interface AttemptEndpoint extends PickTarget {
  /** `host:port` */
  readonly address: string;
  readonly health: EndpointHealth;
  /** An attempt in flight that may crash the instance: see {@link CrashIsolation}. */
  isolated: Attempt | undefined;
}

/** What the interceptor that starts an attempt and the policy that picks its endpoint tell each other. */
export interface Attempt {
  /** The endpoints of earlier attempts: another one is picked while there is one. */
  readonly avoid: readonly AttemptEndpoint[];
  /** Whether an attempt that nobody answers is followed by another one, so that it may try a suspected endpoint. */
  readonly hedged: boolean;
  /** Whether it is sent only where no earlier attempt is. */
  readonly elsewhere: boolean;
  /** When the connection was lost under the attempt before; monotonic, in ms. */
  readonly lostAt: number | undefined;
  /** Since when it waits to be the only one: see {@link CrashIsolation}; monotonic, in ms. */
  waitingSince: number | undefined;
  /** Where it was sent. */
  readonly endpoint: AttemptEndpoint | undefined;
  /** Whether another attempt of the call was answered before. */
  readonly overtaken: boolean;
  onSent(endpoint: AttemptEndpoint): void;
}

/**
 * In the options of a call's metadata, which reach the pickers: grpc-js hands them on when it clones metadata, and does not
 * send them. A symbol that all copies of this library share.
 */
const key = Symbol.for('@rollcall/discovery/attempt');

type Options = ReturnType<Metadata['getOptions']> & { readonly [key]?: Attempt };

export function setAttempt(metadata: Metadata, attempt: Attempt): void {
  const options: Options = { ...metadata.getOptions(), [key]: attempt };
  metadata.setOptions(options);
}

export function attemptOf(metadata: Metadata): Attempt | undefined {
  return (metadata.getOptions() as Options)[key];
}
