import type { Metadata } from '@grpc/grpc-js';
import type { IsolatedAttempt, IsolatingEndpoint } from '../calling/crash-isolation.js';
import type { PickPreferences } from '../calling/healthy-picker.js';
import type { EventInstance } from '../events/discovery-events.js';

/** An instance, as the policies of this library know it. */
export interface AttemptEndpoint extends IsolatingEndpoint {
  /** Empty if the resolver is not of this library. */
  readonly service: string;
  readonly instance: EventInstance;
}

/** Where an attempt may be sent. */
export interface AttemptTarget extends Pick<PickPreferences, 'avoid'> {
  /** Whether it is sent only where no earlier attempt is. */
  readonly elsewhere: boolean;
  /** If the connection was lost under the attempt before. */
  readonly isolation: IsolatedAttempt | undefined;
}

/** What the interceptor that starts an attempt and the policy that picks its endpoint share. */
export interface Attempt extends PickPreferences, AttemptTarget {
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
  metadata.setOptions(Object.assign({}, metadata.getOptions(), { [key]: attempt }));
}

export function attemptOf(metadata: Metadata): Attempt | undefined {
  return (metadata.getOptions() as Options)[key];
}
