// Real registry servers, to use and to break.
export { registryForTests } from './servers/for-tests.js';
export { locateRegistry } from './servers/locate.js';
export type { LocateOptions, RegistryLocation } from './servers/locate.js';
export { startRegistry, startRegistryAt } from './servers/start-registry.js';
export type { StartRegistryOptions } from './servers/start-registry.js';
export { RegistryServerError } from './servers/registry-server.js';
export type {
  RegistryKind,
  RegistryServer,
  RegistryServerErrorCode,
  RegistrySource,
  RegistryVersion,
} from './servers/registry-server.js';

// Processes that cannot be left behind, and waiting for what they do.
export { until } from './processes/condition.js';
export type { WaitOptions } from './processes/condition.js';
export { freePort } from './processes/free-port.js';
export { TrackedProcess } from './processes/tracked-process.js';
export type { ProcessExit, ProcessOptions } from './processes/tracked-process.js';

// The whole system as processes, load on it, and what a kill does to it.
export { AppProcess, services } from './system/app-process.js';
export type { AppName, AppOptions, Lifecycle, LifecycleEvent, ServiceName } from './system/app-process.js';
export { System } from './system/system.js';
export type { SystemOptions } from './system/system.js';
export { Load } from './load/load.js';
export type { Answer } from './load/answer.js';
export type { LoadOptions, LoadReport } from './load/load.js';
export { Failover } from './load/failover.js';
export type { KillReport } from './load/failover.js';
