// For users: open a registry, register instances, watch services.
export { defaultRegistryUrl, openRegistry, registrySchemes } from './open-registry.js';
export type { BackendFromUrl, OpenRegistryOptions } from './open-registry.js';
export { Registry } from './registry.js';
export type { RegistryOptions, Watch } from './registry.js';
export { onEvent } from './events/on-event.js';
export { eventTypes } from './events/discovery-events.js';
export type {
  AttemptEvent,
  AttemptHeaders,
  AttemptStartEvent,
  CallEvent,
  CallStartEvent,
  ConnectionEvent,
  DiscoveryEvent,
  DiscoveryEvents,
  DiscoveryEventType,
  EjectionEvent,
  EventCall,
  EventHeaders,
  EventInstance,
  HeldEvent,
  ListEvent,
  RegistrationEvent,
  RetryEvent,
  SessionEvent,
  SuspicionEvent,
} from './events/discovery-events.js';
export { deregister } from './deregister.js';
export { Registration } from './registering/registration.js';
export type { InstanceUpdate, RegistrationState } from './registering/registration.js';
export { GracefulShutdown, maxShutdownMs } from './shutdown/graceful-shutdown.js';
export type { DrainResult, ShutdownSteps, ShutdownTimes } from './shutdown/graceful-shutdown.js';
export { shutDownOnSignals } from './shutdown/termination.js';
export type { TerminationOptions } from './shutdown/termination.js';
export type { MembershipOptions } from './watching/membership-options.js';
export type { MembershipSource, MembershipState } from './watching/membership-state.js';
export type { WhyReport } from './watching/why.js';
export type { ChangeLogEntry } from './watching/change-log.js';
export type { SnapshotOptions } from './watching/snapshot.js';
export type { ShrinkGuardOptions } from './watching/shrink-guard.js';
export type { BackoffOptions } from './runtime/backoff.js';
export { addressOf, defineInstance } from './model/instance.js';
export type { Instance, InstanceInit } from './model/instance.js';
export type { InstanceFilter } from './model/instance-filter.js';
export { advertisedAddress } from './registering/advertised-address.js';
export type { AdvertiseOptions } from './registering/advertised-address.js';
export { DiscoveryError, errorCodes } from './model/errors.js';
export type { ErrorCode } from './model/errors.js';
export type { Log } from './runtime/log.js';
export { parseRegistryUrl, redactUrl } from './model/registry-url.js';
export type { RegistryUrl } from './model/registry-url.js';

// For authors of backends.
export { invalidUrl, readUrlOptions } from './backend/backend-options.js';
export type { RegistryTls, UrlParameters } from './backend/backend-options.js';
export type { Backend, ObservedSet, ObserveSession, OwnRecord } from './backend/backend.js';
