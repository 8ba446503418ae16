// For users: open a registry, register what you serve, watch what you call.
export { defaultRegistryUrl, openRegistry } from './open-registry.js';
export { Registry } from './registry.js';
export type { RegistryOptions, Watch } from './registry.js';
export { leaveRegistry } from './leave.js';
export { Registration } from './registration.js';
export type { RegistrationState } from './registration.js';
export type { MembershipOptions } from './membership-options.js';
export type { MembershipSource, MembershipState } from './membership-state.js';
export type { Explanation } from './explanation.js';
export type { Change } from './journal.js';
export type { SnapshotOptions } from './snapshot.js';
export type { ShrinkGuardOptions } from './shrink-guard.js';
export type { BackoffOptions } from './backoff.js';
export { addressOf, defineInstance } from './instance.js';
export type { Instance, InstanceInit } from './instance.js';
export type { InstanceFilter } from './filter.js';
export { advertisedAddress } from './advertise.js';
export type { AdvertiseOptions } from './advertise.js';
export { DiscoveryError, errorCodes } from './errors.js';
export type { ErrorCode } from './errors.js';
export type { Log } from './log.js';
export { parseRegistryUrl, redacted } from './registry-url.js';
export type { RegistryUrl } from './registry-url.js';

// For authors of a backend.
export { drainMarkMs } from './backend.js';
export type { AnnounceSession, Backend, ObservedSet, ObserveSession } from './backend.js';
