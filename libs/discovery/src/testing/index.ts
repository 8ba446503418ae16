// For the unit tests of what uses a registry.
export { memoryBackend, MemoryRegistry } from './memory-registry.js';

// For authors of a backend.
export { announce } from '../registering/announce.js';
export type { AnnounceSession } from '../registering/announce.js';
export { conformanceCases } from './conformance.js';
export type { AllowedDifferences, ConformanceCase, ConformanceHarness, Outage } from './conformance.js';

// To break the network between a test and its registry.
export { FaultProxy } from './fault-proxy.js';
export type { FaultProxyOptions, ProxyTarget } from './fault-proxy.js';
