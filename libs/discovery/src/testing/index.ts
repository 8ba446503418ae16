// For the unit tests of what uses a registry.
export { memoryBackend, MemoryRegistry } from './memory-registry.js';

// For authors of a backend.
export { conformanceCases } from './conformance.js';
export type { AllowedDifferences, ConformanceCase, ConformanceHarness, Outage } from './conformance.js';
