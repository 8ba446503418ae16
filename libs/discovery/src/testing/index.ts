// For unit tests of code that uses a registry.
export { memoryBackend, MemoryRegistry } from './memory-registry.js';

// For authors of a backend.
export { announce } from '../registering/announce.js';
export type { AnnounceSession } from '../registering/announce.js';
export { conformanceCases } from './conformance.js';
export type { AllowedDifferences, ConformanceCase, ConformanceHarness, Outage } from './conformance.js';

// For network faults between a test and its registry.
export { FaultProxy } from './fault-proxy.js';
export type { FaultProxyOptions, ProxyTarget } from './fault-proxy.js';
