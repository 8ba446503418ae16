// Real registry servers, to use and to break.
export { etcdctlForTests, locateRegistry, registryForTests } from './servers/locate-registry.js';
export type { LocateOptions, RegistryLocation } from './servers/locate-registry.js';
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

// Child processes that end with this one, and waiting for conditions.
export { until } from './processes/until.js';
export type { WaitOptions } from './processes/until.js';
export { freePort } from './processes/free-port.js';
export { startNode, TrackedProcess } from './processes/tracked-process.js';
export type { ProcessExit, ProcessOptions } from './processes/tracked-process.js';

// The whole shop as processes, load on it, and the measured effect of a kill.
export { AppProcess, services } from './system/app-process.js';
export type { AppName, AppOptions, Lifecycle, LifecycleEvent, ServiceName } from './system/app-process.js';
export { listenHost, System } from './system/system.js';
export type { SystemOptions } from './system/system.js';
export { LoadGenerator } from './load/load-generator.js';
export type { LoadOptions, LoadReport } from './load/load-generator.js';
export type { PageResponse } from './load/page-response.js';
export { FailoverTracker } from './load/failover-tracker.js';
export type { KillReport } from './load/failover-tracker.js';
export { reportCalls, sideBySide } from './load/report-calls.js';
export type { Call, CallReport, ReportCallsOptions } from './load/report-calls.js';
