import type { DiscoveryError } from '../model/errors.js';
import type {
  AttemptEvent,
  AttemptStartEvent,
  CallEvent,
  CallStartEvent,
  RetryEvent,
} from './call-events.js';
import type { EventInstance } from './event-instance.js';

export type * from './call-events.js';
export type { EventInstance } from './event-instance.js';

/**
 * A session with a registry was opened, could not be opened (`failed`; it is retried), was `lost`, or was closed with its watch or
 * registration.
 */
export interface SessionEvent {
  readonly type: 'session';
  readonly state: 'opened' | 'failed' | 'lost' | 'closed';
  readonly of: 'watch' | 'registration';
  /** The registry, for people, without secrets. */
  readonly registry: string;
  /** `*`: all services. */
  readonly service: string;
  /** The id, of a registration. */
  readonly instance?: string;
  /** Why it failed or was lost. */
  readonly error?: DiscoveryError;
}

/** The list of a watched service has changed, or where it comes from: see `MembershipState.source`. */
export interface ListEvent {
  readonly type: 'list';
  readonly registry: string;
  readonly service: string;
  readonly source: 'none' | 'static' | 'live' | 'last-known-good' | 'snapshot';
  readonly previousSource: ListEvent['source'];
  /** How many instances are listed. */
  readonly instances: number;
  readonly added: number;
  readonly updated: number;
  readonly removed: number;
}

/** Instances that disappeared in a mass removal are held back, or no longer: see `ShrinkGuardOptions`. */
export interface HeldEvent {
  readonly type: 'held';
  readonly state: 'held' | 'released';
  readonly registry: string;
  readonly service: string;
  readonly ids: readonly string[];
}

/** The state of a registration has changed, or has a new error: see `RegistrationState`. */
export interface RegistrationEvent {
  readonly type: 'registration';
  readonly registry: string;
  readonly service: string;
  /** Its id. */
  readonly instance: string;
  readonly status: 'registering' | 'registered' | 'lost' | 'paused' | 'draining' | 'closed';
  readonly previousStatus: RegistrationEvent['status'];
  readonly error?: DiscoveryError;
}

/** A gRPC channel has connected to an endpoint, or lost its connection. */
export interface ConnectionEvent {
  readonly type: 'connection';
  /** Of the channel: see {@link EventCall}. Undefined if the resolver is not of this library. */
  readonly target?: string;
  readonly service: string;
  readonly instance: EventInstance;
  readonly state: 'idle' | 'connecting' | 'ready' | 'transient-failure' | 'removed';
  readonly previousState: ConnectionEvent['state'];
  /** When it begins and ends: the same object for all channels that share the connection. Only its identity means something. */
  readonly connection?: object;
  readonly error?: string;
}

/** Outlier detection has ejected an instance, or returned it: see `OutlierDetection`. */
export interface EjectionEvent {
  readonly type: 'ejection';
  readonly state: 'ejected' | 'returned';
  /** Of the channel: see {@link EventCall}. Undefined if the resolver is not of this library. */
  readonly target?: string;
  readonly service: string;
  readonly instance: EventInstance;
  /** Of the calls of the last interval, when it was ejected. */
  readonly failedCalls?: number;
  readonly calls?: number;
}

/** An instance that does not answer while others do is suspected, or has answered again. */
export interface SuspicionEvent {
  readonly type: 'suspicion';
  readonly state: 'suspected' | 'cleared';
  readonly protocol: 'grpc' | 'http';
  readonly service: string;
  readonly instance: EventInstance;
  /** How long it was suspected, when it is cleared. */
  readonly durationMs?: number;
}

/** By type. */
export interface DiscoveryEvents {
  readonly session: SessionEvent;
  readonly list: ListEvent;
  readonly held: HeldEvent;
  readonly registration: RegistrationEvent;
  readonly connection: ConnectionEvent;
  readonly ejection: EjectionEvent;
  readonly 'call-start': CallStartEvent;
  readonly call: CallEvent;
  readonly 'attempt-start': AttemptStartEvent;
  readonly attempt: AttemptEvent;
  readonly retry: RetryEvent;
  readonly suspicion: SuspicionEvent;
}

export type DiscoveryEventType = keyof DiscoveryEvents;
export type DiscoveryEvent = DiscoveryEvents[DiscoveryEventType];

export const eventTypes: readonly DiscoveryEventType[] = [
  'session',
  'list',
  'held',
  'registration',
  'connection',
  'ejection',
  'call-start',
  'call',
  'attempt-start',
  'attempt',
  'retry',
  'suspicion',
];
