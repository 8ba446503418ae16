// First, so that Node's error for a missing peer names the way out: "Cannot find package ... imported from .../npm-install/@opentelemetry/api.js".
import './npm-install/@opentelemetry/api.js';

export { startTelemetry } from './start-telemetry.js';
export type { TelemetryOptions } from './start-telemetry.js';
